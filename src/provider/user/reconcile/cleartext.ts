import { loginsUnder } from "../../../audit/logins/logins";
import type { Database } from "../../../database/contract/database";
import { isUserError } from "../../../errors";
import type { CockroachdbSettings, HbaMatch } from "../../../hba";
import { prepareRules } from "../../../hba/match/prepare";
import { classifyStoredHash } from "../../../scram/stored-hash";
import { warnOnce } from "../../protocol/wire";
import type { UserState } from "../state";

interface Configuration {
  readonly loginsOf: ReturnType<typeof loginsUnder>;
  readonly settings: Partial<CockroachdbSettings>;
}

/** Asked once a process: it takes several queries, and a thousand users have the same answer. */
const configurations = new WeakMap<Database, Promise<Configuration | undefined>>();

/**
 * Warns when CockroachDB will ask this user for the password in clear, and then rewrite the verifier: the iteration count is
 * not the cluster's own, or the cluster keeps bcrypt, and a cert-password rule applies (CockroachDB source, `pkg/sql/pgwire/auth_methods.go`).
 */
export async function warnOfCleartext(database: Database, { username, verifier }: UserState): Promise<void> {
  if (database.product !== "cockroachdb") return;
  const configuration = await configurationOf(database);
  const storedHash = classifyStoredHash(verifier ?? null);
  if (configuration === undefined || storedHash.kind !== "scram-sha-256") return;
  const { loginsOf, settings } = configuration;
  // With the cluster's own cost nothing is hashed again: the usual case, and for a thousand users a quick one.
  if (
    settings.passwordEncryption === "scram-sha-256" &&
    storedHash.verifier.iterations === settings.scramCost
  )
    return;
  const asked = loginsOf({ ...ORDINARY, name: username, storedHash })
    .logins()
    .flat()
    .flatMap(({ byDoor }) => byDoor.flatMap((each) => [...each.matches()]))
    .find(({ asks, rewritesHash }) => asks === "cleartext-password" && rewritesHash !== undefined);
  if (asked === undefined) return;
  const { iterations } = storedHash.verifier;
  warnOnce(
    `${database.server} will ask users whose verifier has ${iterations} iterations ("${username}" is one) for their cleartext password and ${afterwards(asked, settings)}`,
    `${database.server} asks for the password of ${iterations} iterations`,
  );
}

const ORDINARY = { login: true, validUntil: null, expired: false, memberOf: [], replication: false };

/** What becomes of the verifier then, why, and what to do about it. */
function afterwards({ rewritesHash, rule }: HbaMatch, { scramCost }: Partial<CockroachdbSettings>): string {
  const applies = `the rule \`${rule?.text.trim()}\` applies`;
  return rewritesHash === "bcrypt"
    ? `store bcrypt in its place: the cluster's password_encryption is crdb-bcrypt, and ${applies}; set it to scram-sha-256, or use the method scram-sha-256 in that rule`
    : `hash it again: the cluster's own cost is ${scramCost}, and ${applies}; declare \`iterations: ${scramCost}\`, or use the method scram-sha-256 in that rule`;
}

function configurationOf(database: Database): Promise<Configuration | undefined> {
  let configuration = configurations.get(database);
  if (configuration === undefined) {
    configuration = read(database);
    configurations.set(database, configuration);
  }
  return configuration;
}

/** `undefined` where the administrator may not see rules or settings: there is nothing to judge then. */
async function read(database: Database): Promise<Configuration | undefined> {
  try {
    const { text } = await database.hba.read();
    if (text === undefined) return undefined;
    const facts = await database.hba.facts();
    const rules = prepareRules(text, "cockroachdb", facts.context);
    return { loginsOf: loginsUnder([rules], facts), settings: facts.context.settings ?? {} };
  } catch (error) {
    if (isUserError(error)) return undefined;
    throw error;
  }
}
