import { MAX_ITERATIONS } from "../../../src/scram/iterations";
import { verifyPassword } from "../../../src/scram/verifier";
import { bcryptHash, bcryptMatches } from "../passwords/bcrypt";
import { deriveStored } from "../passwords/derive";
import { authenticationCleartextPassword } from "../wire/messages";
import { SqlError } from "../wire/sql-error";
import { type Attempt, passwordFailed, readAnswer } from "./attempt";
import { usableVerifier } from "./scram";
import { replaceHash } from "./user";

/** Facts 4.4: an expired password says so here, where SCRAM says nothing. */
export async function cleartext(attempt: Attempt): Promise<void> {
  const { visitor, user } = attempt;
  visitor.stream.write(authenticationCleartextPassword);
  const answer = await readAnswer(visitor.stream);
  const password = answer.toString("utf8", 0, answer.length - 1);
  if (user.hash === "" || password === "") throw passwordFailed(user.name);
  if (user.expired) throw new SqlError("28000", "password is expired");
  if (!(await matches(attempt, password))) throw passwordFailed(user.name);
  try {
    const rewritten = await rewrite(attempt, password);
    if (rewritten !== undefined) await replaceHash(attempt.sql, user, rewritten);
  } catch (error) {
    // Facts 2.5: who is in stays in.
    if (!(error instanceof SqlError)) throw error;
  }
}

async function matches({ user, sql }: Attempt, password: string): Promise<boolean> {
  if (user.hash.startsWith("$2")) return bcryptMatches(sql, password, user.hash);
  const verifier = usableVerifier(user.hash);
  // More would be hashed for minutes, in the real one for hours.
  if (verifier === undefined || verifier.iterations > MAX_ITERATIONS) return false;
  return verifyPassword(password, verifier);
}

/** Facts 2.5: the hash that replaces the stored one after this login, if any. */
async function rewrite(
  { user, settings, profile, sql }: Attempt,
  password: string,
): Promise<string | undefined> {
  const enabled = (name: string) => settings.bool(`server.user_login.${name}.enabled`);
  const cost = settings.int("server.user_login.password_hashes.default_cost.scram_sha_256");
  const toScram = settings.text("server.user_login.password_encryption") === "scram-sha-256";
  const bcryptCost = /^\$2[a-z]?\$(\d\d)\$/.exec(user.hash)?.[1];
  if (bcryptCost !== undefined) {
    const upgrades = toScram && enabled("upgrade_bcrypt_stored_passwords_to_scram");
    return upgrades
      ? deriveStored(password, iterationsFor(Number(bcryptCost), profile.scramCost))
      : undefined;
  }
  if (!toScram) {
    const downgrades = enabled("downgrade_scram_stored_passwords_to_bcrypt");
    const bcryptDefault = settings.int("server.user_login.password_hashes.default_cost.crdb_bcrypt");
    return downgrades ? bcryptHash(sql, password, bcryptDefault) : undefined;
  }
  const rehashes = enabled("rehash_scram_stored_passwords_on_cost_change");
  return rehashes && usableVerifier(user.hash)?.iterations !== cost
    ? deriveStored(password, cost)
    : undefined;
}

/** What is known of the server's table beside cost 10 (facts-2, "Roles"). */
const ITERATIONS_FOR: Readonly<Record<number, number>> = { 8: 6768, 9: 8768, 11: 24_302 };

function iterationsFor(bcryptCost: number, atTen: number): number {
  const iterations = bcryptCost === 10 ? atTen : ITERATIONS_FOR[bcryptCost];
  if (iterations === undefined) {
    throw new Error(`the stand-in does not know what CockroachDB makes of bcrypt with cost ${bcryptCost}`);
  }
  return iterations;
}
