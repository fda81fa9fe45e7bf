import { waysIn } from "../../audit/ways-in";
import type { AccessFacts } from "../../database/access";
import type { Database } from "../../database/database";
import { type HbaFile, matchHba, parseHbaLeniently } from "../../hba";
import { classifyStoredHash } from "../../scram/stored-hash";
import { isMistake } from "../mistake";
import { warnOnce } from "../wire";
import type { UserState } from "./state";

interface Configuration {
  readonly rules: HbaFile;
  readonly facts: AccessFacts;
}

/** Asked once a process: it takes several queries, and a thousand users have the same answer. */
const configurations = new WeakMap<Database, Promise<Configuration | undefined>>();

/**
 * Warns when CockroachDB will ask this user for the password in clear, and then rewrite the verifier: the iteration count is
 * not the cluster's own, and a cert-password rule applies (facts/cockroachdb.md 0.4).
 */
export async function warnOfCleartext(database: Database, { username, verifier }: UserState): Promise<void> {
  if (database.product !== "cockroachdb") return;
  const configuration = await configurationOf(database);
  const storedHash = classifyStoredHash(verifier ?? null);
  if (configuration === undefined || storedHash.kind !== "scram-sha-256") return;
  const { rules, facts } = configuration;
  const { settings } = facts.context;
  // With the cluster's own cost nothing is hashed again: the usual case, and for a thousand users a quick one.
  if (
    settings?.passwordEncryption === "scram-sha-256" &&
    storedHash.verifier.iterations === settings.scramCost
  )
    return;
  const asked = waysIn({ name: username, storedHash }, [rules], facts)
    .flatMap(({ logins }) => logins)
    .map((login) => matchHba(rules, login, "cockroachdb", facts.context))
    .find(({ asks, rewritesHash }) => asks === "cleartext-password" && rewritesHash !== undefined);
  if (asked === undefined) return;
  warnOnce(
    `${database.server} will ask users whose verifier has ${storedHash.verifier.iterations} iterations ("${username}" is one) for their cleartext password and hash it again: ` +
      `the cluster's own cost is ${settings?.scramCost}, and the rule \`${asked.rule?.text.trim()}\` applies; declare \`iterations: ${settings?.scramCost}\`, or use the method scram-sha-256 in that rule`,
    `${database.server} asks for the password of ${storedHash.verifier.iterations} iterations`,
  );
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
    const { version = "" } = facts.context;
    return { rules: parseHbaLeniently(text, "cockroachdb", { version }), facts };
  } catch (error) {
    if (isMistake(error)) return undefined;
    throw error;
  }
}
