import { randomBytes } from "node:crypto";
import { MAX_ITERATIONS } from "../../../src/scram/iterations";
import { deriveVerifier } from "../../../src/scram/verifier";
import { formatVerifier } from "../../../src/scram/verifier-text";
import { SqlError } from "../wire/sql-error";

/** A hash as the server makes it of a cleartext password: 16 random bytes of salt (facts 2.1). */
export async function deriveStored(password: string, iterations: number): Promise<string> {
  if (iterations > MAX_ITERATIONS) {
    throw new SqlError("XXUUU", `the stand-in hashes no more than ${MAX_ITERATIONS} iterations`);
  }
  return formatVerifier(await deriveVerifier(password, { salt: randomBytes(16), iterations }));
}
