import { UserError } from "../errors";
import type { Verifier } from "./verifier";
import { parseStoredVerifier, SCRAM_PREFIX } from "./verifier-text";

/** What a server's catalogue holds for a user. */
export type StoredHash =
  | { kind: "scram-sha-256"; verifier: Verifier }
  | { kind: "bcrypt"; cost: number }
  | { kind: "md5" }
  | { kind: "none" }
  | { kind: "unknown" };

/** CockroachDB: the marker is taken before `$2a$…` in SQL and stripped before storage. Costs are 04 to 31. */
const BCRYPT = /^(?:CRDB-BCRYPT)?\$2[a-z]?\$(0[4-9]|[12][0-9]|3[01])\$[./0-9A-Za-z]{53}$/;

/** PostgreSQL's src/backend/libpq/crypt.c, `get_password_type`: lower case only. */
const MD5 = /^md5[0-9a-f]{32}$/;

/**
 * Tells what PostgreSQL's `pg_authid.rolpassword` or CockroachDB's `system.users."hashedPassword"` (as text, not
 * hex) holds. A SCRAM verifier may have any iteration count, for it is the server's; one that is malformed is
 * `unknown`. Never throws.
 */
export function classifyStoredHash(text: string | null): StoredHash {
  if (text === null || text === "") return { kind: "none" };
  if (text.startsWith(SCRAM_PREFIX)) return classifyScram(text);
  const cost = BCRYPT.exec(text)?.[1];
  if (cost !== undefined) return { kind: "bcrypt", cost: Number(cost) };
  return { kind: MD5.test(text) ? "md5" : "unknown" };
}

function classifyScram(text: string): StoredHash {
  try {
    return { kind: "scram-sha-256", verifier: parseStoredVerifier(text) };
  } catch (error) {
    if (error instanceof UserError) return { kind: "unknown" };
    throw error;
  }
}

/**
 * Whether a password looks like a hash: some server would store it as one, or an operator pasted a verifier
 * where a password belongs. Goes by the prefix alone, so a malformed hash is caught as well; `md5` needs exactly
 * 32 hex digits after it, of either case.
 */
export function looksLikeHash(password: string): boolean {
  return (
    password.startsWith(SCRAM_PREFIX) ||
    password.startsWith("CRDB-BCRYPT$") ||
    /^md5[0-9a-f]{32}$/i.test(password)
  );
}
