import type { AccessFacts } from "../../database/access";
import type { Database } from "../../database/database";
import { lintHba } from "../../hba";
import { ScramError } from "../../scram/error";
import { connector } from "../connection";
import { withoutStacks } from "../mistake";
import { type Provider, warn } from "../wire";
import { checkHba, sentenceOf } from "./check";
import { findLockouts } from "./guard";
import { keyLines, textOfLines } from "./lines";
import { fromProps, type HbaState, toProps } from "./state";

/** A server has one authentication configuration, so any constant will do as its id. */
const ID = "hba";

/** What `new HbaConfig` does on each of the engine's calls. */
export function hbaProvider(): Provider {
  const { configure, open } = connector();
  return withoutStacks({
    configure,

    check: async (olds, news) => checkHba(olds, news),

    async diff(_id, olds, news) {
      return olds.product === news.product ? {} : { replaces: ["product"] };
    },

    async create(inputs) {
      const state = fromProps(inputs);
      const previous = await apply(await open(state.connection), state);
      return { id: ID, outs: toProps({ ...state, previous }) };
    },

    async read(id, props) {
      const recorded = fromProps(props);
      const { text } = await (await open(recorded.connection)).hba.read();
      const { previous, ...found } = {
        ...recorded,
        rules: text === undefined ? recorded.rules : keyLines(recorded.rules, text),
      };
      return {
        id,
        props: toProps({ ...found, ...(previous !== undefined && { previous }) }),
        inputs: toProps(found),
      };
    },

    async update(_id, olds, news) {
      const state = fromProps(news);
      await apply(await open(state.connection), state);
      const { previous } = fromProps(olds);
      return { outs: toProps({ ...state, ...(previous !== undefined && { previous }) }) };
    },

    async delete(_id, props) {
      const { onDelete, previous, connection } = fromProps(props);
      const { hba } = await open(connection);
      await hba.write(onDelete === "reset" ? undefined : (previous ?? undefined));
    },
  });
}

/** Makes the server go by these rules, unless somebody would be locked out; answers what was there before. */
async function apply(database: Database, state: HbaState): Promise<string | null> {
  if (database.product !== state.product) {
    throw new ScramError(
      "wrong-product",
      `the HBA rules are for ${state.product}, but the server at ${database.server} is ${database.product}`,
    );
  }
  const text = textOfLines(state.rules);
  const before = await database.hba.read();
  if (before.text === text) return text;
  if (before.text === undefined) {
    throw new ScramError(
      "hba-hidden",
      `the HBA rules of ${database.server} are hidden from this administrator`,
      {
        hint: "grant it MODIFYCLUSTERSETTING",
      },
    );
  }
  const facts = await database.hba.facts();
  heedFindings(text, state, facts);
  if (state.guard !== "off") guard(before.text, text, state, facts);
  await database.hba.write(text);
  return before.isSet ? before.text : null;
}

/** The version and the roles are known only now; what the server would refuse is refused before it sees it. */
function heedFindings(text: string, { product }: HbaState, { context, roles }: AccessFacts): void {
  const version = context.version === undefined ? {} : { version: context.version };
  const findings = lintHba(text, product, { ...version, roles });
  const refused = findings.find(({ severity }) => severity === "error");
  if (refused) throw new ScramError("hba-refused", sentenceOf(refused));
  for (const finding of findings) if (finding.severity === "warning") warn(sentenceOf(finding));
}

function guard(
  before: string,
  after: string,
  { product, allowLockout, guard }: HbaState,
  facts: AccessFacts,
): void {
  const unread = facts.roles.filter(({ storedHash }) => storedHash.kind === "unknown").length;
  if (unread > 0) {
    warn(
      `the lockout guard cannot judge ${unread} users, whose stored hashes this administrator may not read`,
    );
  }
  const lockouts = findLockouts(before, after, product, facts).filter(
    ({ user }) => !allowLockout.includes(user),
  );
  if (lockouts.length === 0) return;
  const who = lockouts.map(({ user, reason }) => `"${user}" (${reason})`).join(", ");
  const problem = `the new HBA rules would lock out ${lockouts.length === 1 ? "" : `${lockouts.length} users: `}${who}`;
  if (guard === "warn") warn(problem);
  else {
    throw new ScramError("hba-lockout", problem, {
      hint: `change the rules, or name who may be locked out in allowLockout (${JSON.stringify(lockouts.map(({ user }) => user))})`,
    });
  }
}
