import { escapeIdentifier, escapeLiteral } from "pg";
import { changedOptions, NEW_ROLE, type RoleChanges, type RoleOptions } from "../role";

/** In words that no DateStyle changes: options, and whether this session may read the stored hash (`pg_authid`); `pg_roles` itself masks it. */
export const FIND_ROLE = `SELECT oid::text, rolcanlogin,
  CASE rolvaliduntil WHEN 'infinity' THEN NULL WHEN '-infinity' THEN '-infinity'
    ELSE pg_catalog.to_char(rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END AS valid_until,
  pg_catalog.has_column_privilege('pg_catalog.pg_authid', 'rolpassword', 'SELECT') AS hash_readable
FROM pg_catalog.pg_roles WHERE rolname = $1`;

export const READ_STORED_HASH = "SELECT rolpassword FROM pg_catalog.pg_authid WHERE rolname = $1";

/**
 * Keeps the verifier out of the server's log and of pg_stat_statements, until the transaction ends. Only a superuser may;
 * for others it does nothing, and the server's own settings decide (a verifier, never a password, may then be logged).
 */
export const HUSH_LOG = `SELECT pg_catalog.set_config(name, value, true)
FROM (VALUES ('log_statement', 'none'), ('log_min_error_statement', 'panic'), ('log_min_duration_statement', '-1'),
  ('log_min_duration_sample', '-1'), ('pg_stat_statements.track_utility', 'off')) AS hushed (name, value)
WHERE pg_catalog.current_setting('is_superuser') = 'on'`;

/** The role without its password, which goes in a statement of its own: this one may be logged. */
export function createRole(name: string, options: RoleOptions): string {
  return `CREATE ROLE ${escapeIdentifier(name)}${optionWords(changedOptions(NEW_ROLE, options))}`;
}

/** `undefined` when no option changes. */
export function alterRole(name: string, changes: RoleChanges): string | undefined {
  const words = optionWords(changes);
  return words === "" ? undefined : `ALTER ROLE ${escapeIdentifier(name)}${words}`;
}

export function setPassword(name: string, verifier: string): string {
  return `ALTER ROLE ${escapeIdentifier(name)} PASSWORD ${escapeLiteral(verifier)}`;
}

export function dropRole(name: string): string {
  return `DROP ROLE IF EXISTS ${escapeIdentifier(name)}`;
}

function optionWords({ login, validUntil }: RoleChanges): string {
  let words = "";
  if (login !== undefined) words += login ? " LOGIN" : " NOLOGIN";
  // PostgreSQL has no VALID UNTIL NULL; infinity is how it spells "never".
  if (validUntil !== undefined) words += ` VALID UNTIL ${escapeLiteral(validUntil ?? "infinity")}`;
  return words;
}
