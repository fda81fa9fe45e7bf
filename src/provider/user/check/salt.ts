import { createHmac, randomBytes } from "node:crypto";

const SALT_BYTES = 16;
const SEED_BYTES = 32;

/**
 * The salt of one generation of a user's password. The same in preview and up, foretold by nobody without the seed,
 * not used twice while the user lives (or its seed is new), and independent of the password: a server tells the salt to anyone
 * who asks to log in as the user (RFC 5802, section 9), so a salt made from the password would let them test guesses. It looks
 * like the server's own, in length too, and says nothing of who made it.
 *
 * @param seed base64
 */
export function deriveSalt(seed: string, username: string, generation: number): Buffer {
  const hmac = createHmac("sha256", Buffer.from(seed, "base64"));
  return hmac.update(username).update("\0").update(String(generation)).digest().subarray(0, SALT_BYTES);
}

/** Base64. */
export function drawSaltSeed(): string {
  return randomBytes(SEED_BYTES).toString("base64");
}

/** Base64 of at least as many bytes as the salt itself, canonical. */
export function isSaltSeed(text: string): boolean {
  const seed = Buffer.from(text, "base64");
  return seed.length >= SALT_BYTES && seed.toString("base64") === text;
}
