import { type AccessFacts, describeLeftover, type HbaReading } from "../../database/access";
import type { Database } from "../../database/database";
import { holdsSecret, lintHba, parseHbaLeniently } from "../../hba";
import { ScramError } from "../../scram/error";
import { connector, isSameServer, requireProduct } from "../connection";
import { withoutStacks } from "../mistake";
import { isSameName } from "../names";
import { type Provider, warn } from "../wire";
import { checkHba, sentenceOf } from "./check";
import { findLockouts, type Lockout } from "./guard";
import { keyLines, textOfLines } from "./lines";
import { fromProps, type HbaState, toProps } from "./state";

/** A server has one authentication configuration, so any constant will do as its id. */
const ID = "hba";

/** What `new HbaConfig` does on each of the engine's calls. */
export function hbaProvider(): Provider {
  const { configure, open, judged } = connector();
  return withoutStacks({
    configure,

    check: judged(async (olds, news) => checkHba(olds, news)),

    async diff(_id, olds, news) {
      // A server has one set of rules: the old resource puts back what was there before the new one takes over.
      return { deleteBeforeReplace: true, ...(olds.product !== news.product && { replaces: ["product"] }) };
    },

    async create(inputs) {
      const state = fromProps(inputs);
      const { changed, ...found } = await apply(await open(state.connection), state);
      // By hand, or by an `up` that was interrupted before it could record what had been there.
      if (!changed)
        warn("these HBA rules were on the server already; `pulumi destroy` will leave them there");
      return { id: ID, outs: toProps({ ...state, ...found }) };
    },

    async read(id, props) {
      const { previous, cluster, ...recorded } = fromProps(props);
      const { text } = await (await open(recorded.connection)).hba.read();
      const found =
        text === undefined
          ? recorded
          : {
              ...recorded,
              rules: keyLines(recorded.rules, text),
              secretRules: recorded.secretRules || holdsSecret(parseHbaLeniently(text, recorded.product)),
            };
      const kept = { ...(previous !== undefined && { previous }), ...(cluster !== undefined && { cluster }) };
      return { id, props: toProps({ ...found, ...kept }), inputs: toProps(found) };
    },

    async update(_id, olds, news) {
      const state = fromProps(news);
      const { previous, cluster, rules } = fromProps(olds);
      const { changed, ...found } = await apply(await open(state.connection), state, textOfLines(rules));
      // What was there before us counts, not an earlier state of ours; on another server, what was there.
      const before =
        previous !== undefined && isSameServer(cluster, found.cluster)
          ? { previous, cluster: found.cluster }
          : found;
      return { outs: toProps({ ...state, ...before }) };
    },

    async delete(_id, props) {
      const { product, onDelete, previous = null, cluster, connection, rules } = fromProps(props);
      const database = await open(connection);
      if (onDelete === "leave") return;
      if (database.product !== product || !isSameServer(cluster, await database.cluster())) {
        warn(`${database.server} is not the server whose HBA rules were managed; its own are left alone`);
      } else await restore(database, onDelete === "reset" ? null : previous, textOfLines(rules));
    },
  });
}

/** A write is judged by what it replaces; where somebody else writes between the two, it is judged anew, at most so often. */
const TRIES = 5;

interface Applied {
  readonly changed: boolean;
  /** What was there before, and where. */
  readonly previous: string | null;
  readonly cluster: string | null;
}

/**
 * Makes the server go by these rules, unless somebody would be locked out.
 *
 * @param recorded the text that it had when it was looked at last
 */
async function apply(database: Database, state: HbaState, recorded?: string): Promise<Applied> {
  requireProduct(database, state.product, "the HBA rules");
  for (let tries = 1; ; tries++) {
    try {
      return await applyOnce(database, state, recorded);
    } catch (error) {
      if (!(error instanceof ScramError && error.code === "hba-changed") || tries === TRIES) throw error;
    }
  }
}

async function applyOnce(
  database: Database,
  state: HbaState,
  recorded: string | undefined,
): Promise<Applied> {
  const text = textOfLines(state.rules);
  const { text: before, snapshot } = await settle(database);
  if (before === undefined) {
    throw new ScramError(
      "hba-hidden",
      `the HBA rules of ${database.server} are hidden from this administrator`,
      {
        hint: "grant it MODIFYCLUSTERSETTING",
      },
    );
  }
  const changed = before !== text || snapshot === null;
  if (changed) {
    if (recorded !== undefined && before !== recorded)
      warn(
        `somebody else has changed the HBA rules of ${database.server} since they were looked at last, which is overwritten now (\`pulumi refresh\` before an \`up\` shows such changes)`,
      );
    const facts = await database.hba.facts();
    heedFindings(text, state, facts);
    const lockouts = state.guard === "off" ? [] : guard(before, text, state, facts);
    const mayLoseOwnLogin =
      lockouts.some(({ ownSession }) => ownSession) ||
      (state.guard === "off" && isAllowed(facts.own.user, state));
    const { inPlace } = await database.hba.write(text, {
      over: snapshot,
      mayLoseOwnLogin,
      isSecret: state.secretRules,
    });
    if (inPlace) warnInPlace(database);
  }
  return { changed, previous: snapshot, cluster: await database.cluster() };
}

/** Only over what we wrote ourselves, as far as that can be seen. */
async function restore(database: Database, previous: string | null, recorded: string): Promise<void> {
  const { text, snapshot } = await settle(database);
  if (snapshot === previous) return;
  if (text !== undefined && text !== recorded) {
    throw new ScramError(
      "hba-foreign",
      `the HBA rules of ${database.server} are not those that were written here: somebody else has changed them`,
      {
        hint: 'run `pulumi refresh` to take that over, then delete again; or set onDelete: "leave", run `pulumi up`, then delete',
      },
    );
  }
  const { inPlace } = await database.hba.restore(previous, snapshot);
  if (inPlace) warnInPlace(database);
}

async function settle(database: Database): Promise<HbaReading> {
  const { leftover, ...reading } = await database.hba.settle();
  if (leftover !== undefined) warn(describeLeftover(leftover, database.server));
  return reading;
}

function warnInPlace({ server }: Database): void {
  warn(
    `${server} cannot rename a file into the place of its HBA file, which is overwritten: if the server stops in that very moment, a part of it is left (docs/command.md, hba restore)`,
  );
}

function isAllowed(user: string, { product, allowLockout }: HbaState): boolean {
  return allowLockout.some((allowed) => isSameName(product, allowed, user));
}

/** The version and the roles are known only now; what the server would refuse is refused before it sees it. */
function heedFindings(
  text: string,
  { product, secretRules }: HbaState,
  { context, roles }: AccessFacts,
): void {
  const version = context.version === undefined ? {} : { version: context.version };
  const findings = lintHba(text, product, { ...version, roles });
  const refused = findings.find(({ severity }) => severity === "error");
  if (refused) throw new ScramError("hba-refused", sentenceOf(refused, secretRules));
  for (const finding of findings) if (finding.severity === "warning") warn(sentenceOf(finding, secretRules));
}

/** Refuses, or warns of, the lockouts that are not allowed; answers those that will happen. */
function guard(before: string, after: string, state: HbaState, facts: AccessFacts): readonly Lockout[] {
  const unread = facts.roles.filter(({ storedHash }) => storedHash.kind === "unknown").length;
  if (unread > 0) {
    warn(
      `the lockout guard cannot judge ${unread} users, whose stored hashes this administrator may not read`,
    );
  }
  const lockouts = findLockouts(before, after, state.product, facts);
  const unwanted = lockouts.filter(({ user }) => !isAllowed(user, state));
  if (unwanted.length === 0) return lockouts;
  const who = unwanted.map(({ user, reason }) => `"${user}" (${reason})`).join(", ");
  const problem = `the new HBA rules would lock out ${unwanted.length === 1 ? "" : `${unwanted.length} users: `}${who}`;
  if (state.guard === "warn") {
    warn(problem);
    return lockouts.filter((lockout) => !unwanted.includes(lockout));
  }
  throw new ScramError("hba-lockout", problem, {
    hint: `change the rules, or name who may be locked out in allowLockout (${JSON.stringify(unwanted.map(({ user }) => user))})`,
  });
}
