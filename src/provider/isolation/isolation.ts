import { isDeepStrictEqual } from "node:util";
import type { Database } from "../../database/contract/database";
import { isUserError, UserError } from "../../errors";
import { holdsSecret, lintHba, type Product, parseHbaLeniently } from "../../hba";
import { connector, isSameServer } from "../connection/connection";
import { connectionRule } from "../connection/connection-rule";
import { PRODUCT } from "../connection/product";
import { rulesText, sentenceOf } from "../hba/check";
import { AS_GIVEN, type Fields, FLAG, fieldFailures, secretFields } from "../protocol/fields";
import { choiceRule } from "../protocol/rules";
import { compact, hasUnknown, type Json, type Props, type Provider, warn, warnOnce } from "../protocol/wire";
import { withoutStacks } from "../protocol/without-stacks";
import { type Found, judge, lookAt, type Reached, type Wanted } from "./judgement";
import { MEANING, PHASES, type Phase } from "./phases";
import { rulesToLeaveOut } from "./rules";

const ID = "isolation";

const LOOKED_AT = { ...AS_GIVEN, rule: () => undefined, transient: true } as const;

/** What the component gives, and what is recorded of it. */
const FIELDS = {
  product: PRODUCT,
  phase: { ...AS_GIVEN, rule: choiceRule(PHASES), required: true },
  force: FLAG,
  connection: { ...AS_GIVEN, rule: connectionRule, secret: true },
  /** Only looked at: other resources record them. */
  name: LOOKED_AT,
  rules: LOOKED_AT,
  text: LOOKED_AT,
  secretRules: LOOKED_AT,
  users: LOOKED_AT,
  /** The server whose phase it is. */
  cluster: AS_GIVEN,
} as const satisfies Fields;

/**
 * The gate of `StrictIsolation`: which phase is reached on which server, and what keeps the next from beginning. Settings, users
 * and rules are other resources; what of them it judges it does not record.
 */
export function isolationProvider(): Provider {
  const { configure, open, judged } = connector();

  /** What is refused here was not known in the preview, or is new since then. @param olds the outputs recorded last */
  async function pass(olds: Props, news: Props): Promise<Props> {
    const found = await lookAt(await open(news.connection), news.phase === 2);
    // The users were deployed before phase 2, and none of them counts as on its way any more.
    const [refusal] = judge(wantedIn(news), reachedIn(olds), found, []).refusals;
    if (refusal !== undefined) throw new UserError("phase-refused", refusal);
    return compact({ ...news, cluster: found.cluster ?? news.cluster });
  }

  return withoutStacks({
    configure,

    check: judged(async (olds, news) => {
      const { __provider, ...args } = news;
      const failures = fieldFailures("a StrictIsolation", FIELDS, args);
      if (failures.length > 0) return { inputs: {}, failures };
      const { name, rules, text, secretRules, users, product, phase, connection } = args;
      const force = args.force === true ? true : undefined;
      const inputs = compact({ product, phase, force, connection, cluster: olds.cluster });
      const answer = (more: Props) => ({ inputs: secretFields(FIELDS, more) });
      if (hasUnknown(phase) || hasUnknown(product)) return answer(inputs);

      const isChange = !isDeepStrictEqual(inputs, olds);
      // Who has come since does not stop what is there already; that the server is another one does.
      const found = await ask(inputs, isChange, open);
      const { refusals, warnings } = judge(wantedIn(inputs), reachedIn(olds), found, usersIn(users));
      const wrong = [...refusals, ...rulesFailures({ rules, text, secretRules }, product as Product)];
      if (wrong.length > 0)
        return { inputs: {}, failures: wrong.map((reason) => ({ property: "", reason })) };
      for (const line of warnings) warn(line);
      if (phase !== olds.phase) tell(String(name), phase as Phase);
      const isElsewhere = found !== undefined && !isSameServer(reachedIn(olds).cluster, found.cluster);
      const cluster = isChange || isElsewhere ? found?.cluster : undefined;
      return answer({ ...inputs, ...(cluster && { cluster }) });
    }),

    async diff() {
      return {};
    },

    async create(inputs) {
      return { id: ID, outs: await pass({}, inputs) };
    },

    async read(id, props) {
      return { id, props, inputs: props };
    },

    async update(_id, olds, news) {
      return { outs: await pass(olds, news) };
    },

    async delete() {},
  });
}

function wantedIn({ product, phase, force }: Props): Wanted {
  return { product: product as Product, phase: phase as Phase, force: force === true };
}

function reachedIn({ phase, cluster }: Props): Reached {
  return compact({ phase, cluster }) as Reached;
}

function usersIn(users: Json | undefined): readonly string[] {
  return Array.isArray(users) ? users.map(String) : [];
}

/** As an HbaConfig would judge the text, which is there from phase 2 on only. */
function rulesFailures(
  { rules, text: given, secretRules }: Readonly<Record<string, Json | undefined>>,
  product: Product,
): string[] {
  if ([rules, given, secretRules].some(hasUnknown)) return [];
  const text = rulesText(compact({ rules, text: given, secretRules }), product);
  if (typeof text !== "string") return [text.reason];
  const isSecret = secretRules === true || holdsSecret(parseHbaLeniently(text, product));
  const toLeaveOut = [...rulesToLeaveOut(text, product, isSecret)];
  if (toLeaveOut.length > 0) return toLeaveOut;
  const errors = lintHba(text, product).filter(({ severity }) => severity === "error");
  return errors.map((finding) => sentenceOf(finding, isSecret));
}

/** In a preview, as far as the server answers. */
async function ask(
  { connection, phase }: Props,
  withRoles: boolean,
  open: (connection: Json | undefined) => Promise<Database>,
): Promise<Found | undefined> {
  if (hasUnknown(connection)) return undefined;
  try {
    return await lookAt(await open(connection), withRoles && phase !== 1);
  } catch (error) {
    if (!isUserError(error)) throw error;
    warnOnce(
      `whether this server is one for phase ${phase} of strict isolation could not be found out: ${error.message}`,
    );
    return undefined;
  }
}

function tell(name: string, phase: Phase): void {
  const { does, remains } = MEANING[phase];
  warn(`${name}: strict isolation, phase ${phase} of 3 (${does}); what remains: ${remains}`);
}
