import { UserError } from "../errors";
import { decodeBase64 } from "./base64";
import { checkIterations } from "./iterations";
import { KEY_LENGTH } from "./keys";
import type { Verifier } from "./verifier";

/** How every SCRAM-SHA-256 verifier begins, in PostgreSQL's and CockroachDB's catalogues alike. */
export const SCRAM_PREFIX = "SCRAM-SHA-256$";

const LAYOUT = /^SCRAM-SHA-256\$([^$:]*):([^$:]*)\$([^$:]*):([^$:]*)$/;

/**
 * `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`, the last three in base64 (PostgreSQL's
 * src/common/scram-common.c, `scram_build_secret`; CockroachDB stores the same).
 *
 * @throws UserError when the parts make no well-formed verifier, which a server would take for a plaintext
 * password; codes as for {@link parseVerifier}
 */
export function formatVerifier(verifier: Verifier): string {
  const [salt, storedKey, serverKey] = [verifier.salt, verifier.storedKey, verifier.serverKey].map((bytes) =>
    bytes.toString("base64"),
  );
  const text = `${SCRAM_PREFIX}${verifier.iterations}:${salt}$${storedKey}:${serverKey}`;
  parseStoredVerifier(text);
  return text;
}

/**
 * Parses a verifier in canonical form with an iteration count within our bounds. Strict, because a server takes
 * whatever it can't read for a plaintext password and hashes that, without a word. No error repeats the text.
 *
 * @throws UserError `verifier-whitespace`, `verifier-scheme`, `verifier-layout`, `verifier-iterations`,
 * `verifier-url-safe-base64`, `verifier-base64`, `verifier-salt-empty`, `verifier-key-length`,
 * `iterations-too-few`, `iterations-too-many`
 */
export function parseVerifier(text: string): Verifier {
  const verifier = parseStoredVerifier(text);
  checkIterations(verifier.iterations);
  return verifier;
}

/** {@link parseVerifier} without our bounds: a server may have stored any number of iterations from 1 up. */
export function parseStoredVerifier(text: string): Verifier {
  if (text !== text.trim()) {
    throw new UserError("verifier-whitespace", "The verifier has white space before or after it", {
      hint: "remove it (a line break too), for a server would take the whole text for a plaintext password",
    });
  }
  if (!text.startsWith(SCRAM_PREFIX)) {
    throw new UserError("verifier-scheme", `The verifier does not begin with ${SCRAM_PREFIX}`, {
      hint: "upper case counts, and no other hash than SCRAM-SHA-256 is supported",
    });
  }
  const [, iterations, salt, storedKey, serverKey] = LAYOUT.exec(text) ?? [];
  if (iterations === undefined || salt === undefined || storedKey === undefined || serverKey === undefined) {
    throw new UserError("verifier-layout", "The verifier does not have its four parts", {
      hint: `the form is ${SCRAM_PREFIX}<iterations>:<salt>$<StoredKey>:<ServerKey>`,
    });
  }
  return {
    iterations: parseIterations(iterations),
    salt: parseSalt(salt),
    storedKey: parseKey("StoredKey", storedKey),
    serverKey: parseKey("ServerKey", serverKey),
  };
}

function parseIterations(text: string): number {
  const iterations = Number(text);
  if (!/^[1-9][0-9]*$/.test(text) || !Number.isSafeInteger(iterations)) {
    throw new UserError("verifier-iterations", "The iteration count of the verifier is no whole number", {
      hint: "write it in plain digits, without sign or leading zero",
    });
  }
  return iterations;
}

function parseSalt(text: string): Buffer {
  const salt = parseBase64("salt", text);
  if (salt.length === 0) {
    throw new UserError("verifier-salt-empty", "The salt of the verifier is empty", {
      hint: "copy the whole verifier again",
    });
  }
  return salt;
}

function parseKey(part: string, text: string): Buffer {
  const key = parseBase64(part, text);
  if (key.length !== KEY_LENGTH) {
    throw new UserError("verifier-key-length", `The ${part} of the verifier has ${key.length} bytes`, {
      hint: `SCRAM-SHA-256 keys have ${KEY_LENGTH}; the verifier is cut off or of another hash`,
    });
  }
  return key;
}

function parseBase64(part: string, text: string): Buffer {
  if (/[-_]/.test(text)) {
    throw new UserError("verifier-url-safe-base64", `The ${part} of the verifier is in URL-safe base64`, {
      hint: "write + for - and / for _",
    });
  }
  const bytes = decodeBase64(text);
  if (bytes === undefined) {
    throw new UserError("verifier-base64", `The ${part} of the verifier is no canonical base64`, {
      hint: "it takes the standard alphabet, padding with = and nothing else",
    });
  }
  return bytes;
}
