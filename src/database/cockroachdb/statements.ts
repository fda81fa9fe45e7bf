import { escapeIdentifier, escapeLiteral } from "pg";
import { changedOptions, NEW_ROLE, type RoleChanges, type RoleOptions } from "../role";

/** Readable by everybody; the hash is masked there, always. */
export const FIND_ROLE = `SELECT rolcanlogin, extract(epoch FROM rolvaliduntil) AS valid_until
FROM pg_catalog.pg_roles WHERE rolname = $1`;

/** For administrators. Bytes, so that no session setting decides how they are spelt. */
export const READ_STORED_HASHES = `SELECT username, "hashedPassword" FROM system.users`;
export const READ_STORED_HASH = `${READ_STORED_HASHES} WHERE username = $1`;

/** From v26.1 on, system tables are closed to everybody, root too, until the session asks for them. */
export const ALLOW_SYSTEM_TABLES = "SET allow_unsafe_internals = true";

export const ACCEPT_VERIFIERS = "server.user_login.store_client_pre_hashed_passwords.enabled";

/**
 * All of the role in one statement: each is a schema change, which the cluster waits for. CockroachDB itself keeps the
 * password out of its logs.
 */
export function createRole(name: string, role: RoleOptions & { readonly verifier: string }): string {
  const words = optionWords({ ...changedOptions(NEW_ROLE, role), verifier: role.verifier });
  return `CREATE ROLE ${escapeIdentifier(name)}${words}`;
}

export function alterRole(name: string, changes: RoleChanges): string {
  return `ALTER ROLE ${escapeIdentifier(name)}${optionWords(changes)}`;
}

export function dropRole(name: string): string {
  return `DROP ROLE IF EXISTS ${escapeIdentifier(name)}`;
}

export function showSetting(name: string): string {
  return `SHOW CLUSTER SETTING ${name}`;
}

function optionWords({ login, validUntil, verifier }: RoleChanges): string {
  let words = "";
  if (login !== undefined) words += login ? " LOGIN" : " NOLOGIN";
  if (verifier !== undefined) words += ` PASSWORD ${escapeLiteral(verifier)}`;
  if (validUntil !== undefined)
    words += ` VALID UNTIL ${validUntil === null ? "NULL" : escapeLiteral(validUntil)}`;
  return words;
}
