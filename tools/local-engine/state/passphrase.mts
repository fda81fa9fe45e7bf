import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { UserError } from "../user-error.mts";

/** Pulumi's passphrase secrets provider: PBKDF2 for the key, AES-256-GCM for each value. */
export interface Crypter {
  /** `v1:<salt>:<encrypted "pulumi">`, which lets a wrong passphrase be told at once. */
  readonly salt: string;
  encrypt(plaintext: string): string;
  decrypt(ciphertext: string): string;
}

const ITERATIONS = 1_000_000;
const KEY_BYTES = 32;
const SALT_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export async function newCrypter(passphrase: string): Promise<Crypter> {
  const salt = randomBytes(SALT_BYTES);
  const key = await deriveKey(passphrase, salt);
  return { salt: `v1:${salt.toString("base64")}:${encrypt(key, "pulumi")}`, ...withKey(key) };
}

export async function openCrypter(passphrase: string, state: string): Promise<Crypter> {
  const [version, salt = "", ...check] = state.split(":");
  if (version !== "v1") throw new UserError("the encryption salt is not one of Pulumi's passphrase provider");
  const key = await deriveKey(passphrase, Buffer.from(salt, "base64"));
  if (decrypt(key, check.join(":")) !== "pulumi") throw new UserError("incorrect passphrase");
  return { salt: state, ...withKey(key) };
}

const withKey = (key: Buffer) => ({
  encrypt: (plaintext: string) => encrypt(key, plaintext),
  decrypt: (ciphertext: string) => decrypt(key, ciphertext),
});

const deriveKey = (passphrase: string, salt: Buffer): Promise<Buffer> =>
  promisify(pbkdf2)(passphrase, salt, ITERATIONS, KEY_BYTES, "sha256");

function encrypt(key: Buffer, plaintext: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
}

function decrypt(key: Buffer, ciphertext: string): string {
  const [version, nonce = "", sealed = ""] = ciphertext.split(":");
  if (version !== "v1")
    throw new UserError("a secret in the stack is not in the form v1:<nonce>:<ciphertext>");
  const bytes = Buffer.from(sealed, "base64");
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString("utf8");
  } catch {
    throw new UserError("incorrect passphrase");
  }
}
