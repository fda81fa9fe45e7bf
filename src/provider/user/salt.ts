import { createHash, createHmac, randomBytes } from "node:crypto";

const SALT_BYTES = 16;
const SEED_BYTES = 32;
const OWNER_BYTES = 5;
const CHECK_BYTES = 3;

/**
 * The salt of one generation of a user's password. The same in preview and up, foretold by nobody without the seed,
 * not used twice while the user lives (or its seed is new), and independent of the password: a server tells the salt to anyone who asks to log in as the user
 * (RFC 5802, section 9), so a salt made from the password would let them test guesses.
 *
 * With an owner, 8 more bytes say which resource made it. A server that asks for the password tells them too, so they can be
 * read without privileges: that is how a create that was interrupted finds its role again, and how a resource sees that a
 * role has come to belong to another one.
 *
 * @param seed base64
 */
export function deriveSalt(seed: string, username: string, generation: number, owner?: string): Buffer {
  const hmac = createHmac("sha256", Buffer.from(seed, "base64"));
  const random = hmac
    .update(username)
    .update("\0")
    .update(String(generation))
    .digest()
    .subarray(0, SALT_BYTES);
  if (owner === undefined) return random;
  const named = Buffer.concat([random, ownerMark(owner)]);
  return Buffer.concat([named, checkMark(named)]);
}

/** Whose resource made a salt: `nobody` when none did. */
export function makerOf(salt: Buffer, owner: string | undefined): "us" | "another" | "nobody" {
  const named = salt.subarray(0, SALT_BYTES + OWNER_BYTES);
  const isMarked =
    salt.length === named.length + CHECK_BYTES && checkMark(named).equals(salt.subarray(named.length));
  if (!isMarked) return "nobody";
  return owner !== undefined && ownerMark(owner).equals(named.subarray(SALT_BYTES)) ? "us" : "another";
}

function ownerMark(owner: string): Buffer {
  return createHash("sha256").update(owner).digest().subarray(0, OWNER_BYTES);
}

/** Tells a salt of ours from one that somebody else drew, but for one in 16 million of the same length. */
function checkMark(named: Buffer): Buffer {
  return createHash("sha256").update("pulumi-scram").update(named).digest().subarray(0, CHECK_BYTES);
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
