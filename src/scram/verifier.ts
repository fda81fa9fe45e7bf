import { UserError } from "../errors";
import { checkAffordable, checkIterations } from "./iterations";
import { deriveKeys, equalBytes } from "./keys";
import { normalizePassword } from "./saslprep";

/**
 * What a server stores in place of a password (RFC 5802 section 3). A secret too: passwords can be guessed from
 * `storedKey` offline, and with `serverKey` one can pose as the server.
 */
export interface Verifier {
  /** Rounds of PBKDF2; a positive whole number. */
  readonly iterations: number;
  /** At least 1 byte; servers draw 16. Not secret: a server tells it to whoever asks. */
  readonly salt: Buffer;
  /** 32 bytes: H(ClientKey). */
  readonly storedKey: Buffer;
  /** 32 bytes: HMAC(SaltedPassword, "Server Key"). */
  readonly serverKey: Buffer;
}

/**
 * The verifier of a password: RFC 5802 section 3 with SHA-256 (RFC 7677). Hashes off the main thread.
 *
 * @throws UserError `password-empty`, `password-not-unicode`, `salt-empty`, `iterations-not-an-integer`,
 * `iterations-too-few`, `iterations-too-many`
 * @example
 * const verifier = await deriveVerifier("pencil", { salt: randomBytes(16), iterations: DEFAULT_ITERATIONS });
 */
export async function deriveVerifier(
  password: string | Uint8Array,
  options: { salt: Uint8Array; iterations: number },
): Promise<Verifier> {
  checkIterations(options.iterations);
  const salt = Buffer.from(options.salt);
  if (salt.length === 0) {
    throw new UserError("salt-empty", "The salt is empty", { hint: "use 16 random bytes" });
  }
  const octets = normalizePassword(password);
  if (octets.length === 0) {
    throw new UserError("password-empty", "The password is empty", {
      hint: "servers refuse every login with an empty password",
    });
  }
  return derive(octets, salt, options.iterations);
}

/**
 * Whether this is the verifier of that password. Takes the verifier's own salt and iteration count, however few
 * a server chose, and the empty password, whose verifier PostgreSQL would store as no password.
 *
 * @throws UserError `password-not-unicode`, and `iterations-too-many` instead of hashing for minutes
 */
export async function verifyPassword(password: string | Uint8Array, verifier: Verifier): Promise<boolean> {
  checkAffordable(verifier.iterations);
  const derived = await derive(normalizePassword(password), verifier.salt, verifier.iterations);
  return equalBytes(derived.storedKey, verifier.storedKey);
}

/** Whether two verifiers are the same in every part; the keys are compared in constant time. */
export function equalVerifiers(a: Verifier, b: Verifier): boolean {
  const sameStoredKey = equalBytes(a.storedKey, b.storedKey);
  const sameServerKey = equalBytes(a.serverKey, b.serverKey);
  return a.iterations === b.iterations && a.salt.equals(b.salt) && sameStoredKey && sameServerKey;
}

async function derive(octets: Buffer, salt: Buffer, iterations: number): Promise<Verifier> {
  const { storedKey, serverKey } = await deriveKeys(octets, salt, iterations);
  return { iterations, salt, storedKey, serverKey };
}
