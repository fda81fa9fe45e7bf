import { randomBytes } from "node:crypto";
import { deriveVerifier } from "../../../../src/scram/verifier";
import { formatVerifier } from "../../../../src/scram/verifier-text";

/** A hash as the server makes it of a cleartext password: 16 random bytes of salt (facts 2.1). */
export async function deriveStored(password: string, iterations: number): Promise<string> {
  return formatVerifier(await deriveVerifier(password, { salt: randomBytes(16), iterations }));
}
