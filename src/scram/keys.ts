import { createHash, createHmac, pbkdf2, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

/** What RFC 5802 section 3 derives from a password; each is of `KEY_LENGTH` bytes and a secret. */
export interface Keys {
  /** HMAC(SaltedPassword, "Client Key"): proves who has it to be the user. */
  readonly clientKey: Buffer;
  /** H(ClientKey) */
  readonly storedKey: Buffer;
  /** HMAC(SaltedPassword, "Server Key") */
  readonly serverKey: Buffer;
}

/** Bytes of a SHA-256 hash, and of each key. */
export const KEY_LENGTH = 32;

const hi = promisify(pbkdf2);

/** Hashes off the main thread; `octets` are those of the normalized password. */
export async function deriveKeys(octets: Buffer, salt: Buffer, iterations: number): Promise<Keys> {
  const saltedPassword = await hi(octets, salt, iterations, KEY_LENGTH, "sha256");
  const clientKey = hmac(saltedPassword, "Client Key");
  return { clientKey, storedKey: hash(clientKey), serverKey: hmac(saltedPassword, "Server Key") };
}

/** H of RFC 5802, here SHA-256 (RFC 7677). */
export function hash(octets: Buffer): Buffer {
  return createHash("sha256").update(octets).digest();
}

export function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

/** Only the length may show in the time this takes. */
export function equalBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
