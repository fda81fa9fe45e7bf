import type { Profile } from "../profile";
import { SqlError, unimplemented } from "../wire/sql-error";

/** Facts 2.2: exactly this is a verifier; whatever else looks like one is a cleartext password. */
const SCRAM = /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/]+=*)\$([A-Za-z0-9+/]{43}=):([A-Za-z0-9+/]{43}=)$/;
const BCRYPT = /^CRDB-BCRYPT(\$(\d)[a-z]?\$(\d\d)\$[0-9A-Za-z./]{22}[0-9A-Za-z./]+)$/;
const MD5 = /^md5[0-9a-f]{32}$/;

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_COST = 4096n;
const MAX_COST = 240_000_000_000n;

/**
 * What a hash computed by the client is stored as; `undefined` for a cleartext password. Salt and keys are not decoded.
 *
 * @throws SqlError for a hash that is out of bounds or of a scheme that is not supported
 */
export function recogniseHash(text: string, profile: Profile): string | undefined {
  // A `$` of a JavaScript regular expression takes no line break, as Go's.
  const iterations = SCRAM.exec(text)?.[1];
  if (iterations !== undefined) {
    checkIterations(iterations);
    return text;
  }
  const bcrypt = BCRYPT.exec(text);
  if (bcrypt !== null) {
    const [, stored = "", version = "", cost = ""] = bcrypt;
    checkBcrypt(stored, Number(version), Number(cost), profile);
    return stored;
  }
  if (MD5.test(text)) throw unimplemented(`the password hash scheme "md5" is not supported`);
  return undefined;
}

function checkIterations(text: string): void {
  const iterations = BigInt(text);
  if (iterations > MAX_INT64) {
    const reason = `strconv.ParseInt: parsing "${text}": value out of range`;
    throw new SqlError("42601", `invalid scram-sha-256 iteration count: ${reason}`);
  }
  if (iterations < MIN_COST || iterations > MAX_COST) {
    throw new SqlError(
      "42601",
      `scram-sha-256 iteration count not in allowed range (${MIN_COST},${MAX_COST})`,
    );
  }
}

function checkBcrypt(stored: string, version: number, cost: number, profile: Profile): void {
  const fail = (text: string) => new SqlError("42601", `crypto/bcrypt: ${text}`);
  if (stored.length < 59) throw fail("hashedSecret too short to be a bcrypted password");
  if (version > 2) {
    throw fail(`bcrypt algorithm version '${version}' requested is newer than current version '2'`);
  }
  if (cost < 4 || cost > 31) {
    const range = profile.newRangeErrors ? "inclusive range 4..31" : "range (4,31)";
    throw fail(`cost ${cost} is outside allowed ${range}`);
  }
}
