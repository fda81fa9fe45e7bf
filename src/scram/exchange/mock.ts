import { UserError } from "../../errors";
import { hmac, KEY_LENGTH } from "../keys";
import type { Verifier } from "../verifier";

/** As PostgreSQL, CockroachDB and the command `pulumi-scram hash` draw them. */
export const DEFAULT_SALT_LENGTH = 16;

/** All of an HMAC-SHA-256. */
const MAX_SALT_LENGTH = 32;

/** Shorter keys could be guessed, and the mock salts with them. */
const MIN_MOCK_KEY_BYTES = 16;

/** @throws UserError `mock-key-too-short` */
export function checkMockKey(mockKey: Uint8Array): void {
  if (mockKey.length < MIN_MOCK_KEY_BYTES) {
    throw new UserError("mock-key-too-short", `The mock key has ${mockKey.length} bytes`, {
      hint: `draw at least ${MIN_MOCK_KEY_BYTES} at random, once, and keep them`,
    });
  }
}

/** @throws UserError `mock-salt-length` */
export function checkMockSaltBytes(length: number): void {
  if (!Number.isInteger(length) || length < 1 || length > MAX_SALT_LENGTH) {
    throw new UserError("mock-salt-length", `A mock salt cannot have ${length} bytes`, {
      hint: `use as many as the salts of most users have, at most ${MAX_SALT_LENGTH}`,
    });
  }
}

/**
 * What an unknown user is asked with, so that the first answer does not tell that there is none: always the same salt
 * for a name, and one that nobody without the key can tell from a user's (PostgreSQL's `mock_scram_secret`). The keys
 * are those of no password.
 */
export function mockVerifier(
  user: string,
  mockKey: Uint8Array,
  iterations: number,
  saltBytes: number,
): Verifier {
  const salt = hmac(mockKey, user).subarray(0, saltBytes);
  return { iterations, salt, storedKey: Buffer.alloc(KEY_LENGTH), serverKey: Buffer.alloc(KEY_LENGTH) };
}
