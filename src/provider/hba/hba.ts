import type { AccessFacts } from "../../database/access";
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
      const { changed, ...found } = await apply(await open(state.connection), state);
      const { previous, cluster } = fromProps(olds);
      // What was there before us counts, not an earlier state of ours; on another server, what was there.
      const before =
        previous !== undefined && isSameServer(cluster, found.cluster)
          ? { previous, cluster: found.cluster }
          : found;
      return { outs: toProps({ ...state, ...before }) };
    },

    async delete(_id, props) {
      const { product, onDelete, previous = null, cluster, connection } = fromProps(props);
      const database = await open(connection);
      if (onDelete === "leave") return;
      if (database.product !== product || !isSameServer(cluster, await database.cluster())) {
        warn(`${database.server} is not the server whose HBA rules were managed; its own are left alone`);
      } else await database.hba.restore(onDelete === "reset" ? null : previous);
    },
  });
}

/** Makes the server go by these rules, unless somebody would be locked out; answers what was there before, and where. */
async function apply(
  database: Database,
  state: HbaState,
): Promise<{ readonly changed: boolean; readonly previous: string | null; readonly cluster: string | null }> {
  requireProduct(database, state.product, "the HBA rules");
  const text = textOfLines(state.rules);
  const { text: before, snapshot } = await database.hba.read();
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
    const facts = await database.hba.facts();
    heedFindings(text, state, facts);
    const lockouts = state.guard === "off" ? [] : guard(before, text, state, facts);
    const mayLoseOwnLogin =
      lockouts.some(({ ownSession }) => ownSession) ||
      (state.guard === "off" && isAllowed(facts.own.user, state));
    await database.hba.write(text, mayLoseOwnLogin);
  }
  return { changed, previous: snapshot, cluster: await database.cluster() };
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
