import { escapeIdentifier, escapeLiteral } from "pg";
import type { Membership, MembershipGrant, MembershipOption } from "../contract/membership";
import type { NewRole, RoleChanges } from "../contract/role";
import { changedOptions, initialOptions, optionWords, type RoleOptions } from "../contract/role-options";
import { settingWords } from "../contract/role-settings";

/** ISO 8601 in words that no DateStyle changes; `null` for never. */
export const VALID_UNTIL = `CASE rolvaliduntil WHEN 'infinity' THEN NULL WHEN '-infinity' THEN '-infinity'
    ELSE pg_catalog.to_char(rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END`;

/** An option of a membership besides ADMIN (`m` by default): `null` before PostgreSQL 16. */
export const membershipOption = (option: "inherit" | "set", m = "m") =>
  `(pg_catalog.to_jsonb(${m}) ->> '${option}_option'::pg_catalog.text)::pg_catalog.bool`;

/**
 * Since PostgreSQL 16, whoever has CREATEROLE is granted what it makes, with ADMIN: by the bootstrap superuser, whose oid is 10
 * (PostgreSQL documentation, 22.2). Another grant of that one goes into the same row.
 */
const CREATORS_ADMIN = `(r.rolcreaterole AND m.grantor = 10 AND ${membershipOption("inherit")} IS NOT NULL)`;

/** Nothing but that. */
const byServer = (m: string) => `r.rolcreaterole AND ${m}.grantor = 10 AND ${m}.admin_option
    AND NOT ${membershipOption("inherit", m)} AND NOT ${membershipOption("set", m)}`;

/** Or, beside it, what createrole_self_grant says: by itself. A member grants itself other memberships too, of which it has ADMIN. */
const OF_CREATOR = `COALESCE(${byServer("m")} OR m.grantor = m.member AND EXISTS (SELECT FROM pg_catalog.pg_auth_members c
    WHERE c.roleid = m.roleid AND c.member = m.member AND ${byServer("c")}), false)`;

/** A membership stands once for each grantor. */
const MEMBERSHIPS = `SELECT g.rolname::pg_catalog.text AS role, pg_catalog.bool_or(m.admin_option) AS admin,
    pg_catalog.bool_or(${membershipOption("inherit")}) AS inherit, pg_catalog.bool_or(${membershipOption("set")}) AS "set",
    pg_catalog.bool_and(${OF_CREATOR}) AS "ofCreator",
    pg_catalog.bool_or(m.admin_option) AND pg_catalog.bool_and(NOT m.admin_option OR ${CREATORS_ADMIN}) AS "adminOfCreator"
  FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
  WHERE m.member = r.oid GROUP BY g.rolname ORDER BY 1`;

/**
 * Roles by name, and whether this session may read stored hashes (`pg_authid`;
 * `pg_roles` itself masks them).
 */
export const FIND_ROLES = `SELECT rolname::pg_catalog.text AS name, oid::pg_catalog.text,
  rolcanlogin AS login, rolcreatedb AS "createDb", rolcreaterole AS "createRole", rolreplication AS replication,
  rolbypassrls AS "bypassRls", rolinherit AS inherit, rolconnlimit AS "connectionLimit",
  ${VALID_UNTIL} AS "validUntil",
  ARRAY(SELECT pg_catalog.to_jsonb(s) FROM (${MEMBERSHIPS}) s) AS memberships,
  (SELECT setconfig FROM pg_catalog.pg_db_role_setting WHERE setrole = r.oid AND setdatabase = 0) AS settings,
  rolsuper AS superuser,
  pg_catalog.has_column_privilege('pg_catalog.pg_authid', 'rolpassword', 'SELECT') AS "hashReadable"
FROM pg_catalog.pg_roles r WHERE rolname = ANY ($1::pg_catalog.text[])`;

export const FIND_NAME = "SELECT rolname::pg_catalog.text AS name FROM pg_catalog.pg_roles WHERE oid = $1";

/** Before PostgreSQL 16, whoever has CREATEROLE may alter any role that is no superuser and has no REPLICATION. */
export const FIND_ADMINISTRATORS = `SELECT a.rolname::pg_catalog.text AS name FROM pg_catalog.pg_roles r, pg_catalog.pg_roles a
WHERE r.rolname = $1 AND NOT a.rolsuper AND a.rolname <> current_user AND (
  a.rolcreaterole AND NOT r.rolsuper AND NOT r.rolreplication
    AND pg_catalog.current_setting('server_version_num')::pg_catalog.int4 < 160000
  OR EXISTS (SELECT FROM pg_catalog.pg_auth_members m WHERE m.roleid = r.oid AND m.member = a.oid AND m.admin_option))
ORDER BY 1`;

export const READ_STORED_HASHES =
  "SELECT rolname::pg_catalog.text AS name, rolpassword AS hash FROM pg_catalog.pg_authid WHERE rolname = ANY ($1::pg_catalog.text[])";

/**
 * Who granted a membership, and with which options: only a grant of that grantor is revoked (since PostgreSQL 16). Before, the
 * grantor may be gone. What the member has granted itself comes first, for it goes by the member's ADMIN.
 */
export const FIND_GRANTS = `SELECT role.rolname::pg_catalog.text AS role, grantor.rolname::pg_catalog.text AS grantor,
  m.admin_option AND NOT ${CREATORS_ADMIN} AS admin, ${membershipOption("inherit")} AS inherit, ${membershipOption("set")} AS "set",
  ${OF_CREATOR} AS "ofCreator"
FROM pg_catalog.pg_auth_members m
JOIN pg_catalog.pg_roles role ON role.oid = m.roleid
LEFT JOIN pg_catalog.pg_roles grantor ON grantor.oid = m.grantor
JOIN pg_catalog.pg_roles r ON r.oid = m.member
WHERE r.rolname = $1 AND role.rolname = ANY ($2::pg_catalog.text[]) ORDER BY m.grantor = m.member DESC`;

/** The other databases in which a role owns something or was granted something, and whether one can connect to them. */
export const FIND_DATABASES_OF = `SELECT DISTINCT datname::pg_catalog.text AS name, datallowconn AS open
FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_database d ON d.oid = s.dbid
WHERE s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND s.refobjid = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = $1)
  AND datname <> pg_catalog.current_database() ORDER BY 1`;

/**
 * Whether this session has a role's privileges; whether it has granted itself the role; and whether a grant says that they are
 * inherited, or, before PostgreSQL 16, the attribute INHERIT of the member, whom it is granted at most once.
 */
export const MAY_ACT_AS = `SELECT pg_catalog.pg_has_role(r.oid, 'USAGE') AS may, me.rolinherit AS inherits, "grantsSayInherit",
  EXISTS (SELECT FROM pg_catalog.pg_auth_members
    WHERE roleid = r.oid AND member = me.oid AND (grantor = me.oid OR NOT "grantsSayInherit")) AS "isGranted"
FROM pg_catalog.pg_roles r, pg_catalog.pg_roles me,
  (SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 160000 AS "grantsSayInherit") v
WHERE r.rolname = $1 AND me.rolname = current_user`;

/**
 * Keeps what follows out of the server's log, pg_stat_statements and pg_stat_activity (from which a deadlock is logged), until the transaction ends: the verifier, and the values
 * of settings, which may be an application's secrets. Only a superuser may, but for what whoever owns the database may turn on;
 * for others the server's own settings decide (a verifier, never a password, may then be logged).
 */
export const SUPPRESS_STATEMENT_LOGGING = `SELECT pg_catalog.set_config(name, value, true)
FROM (VALUES ('log_statement', 'none'), ('log_min_error_statement', 'panic'), ('log_min_duration_statement', '-1'),
  ('log_min_duration_sample', '-1'), ('pg_stat_statements.track_utility', 'off'), ('track_activities', 'off'),
  ('debug_print_parse', 'off'), ('debug_print_rewritten', 'off'), ('debug_print_plan', 'off')) AS hushed (name, value)
WHERE name LIKE 'debug%' OR pg_catalog.current_setting('is_superuser') = 'on'`;

/** The role without its settings and its password: these statements may be logged. */
export function createRole(name: string, { options = {}, ...changes }: NewRole): string[] {
  const words = wordsOf(changedOptions(initialOptions("postgresql"), options));
  return [`CREATE ROLE ${escapeIdentifier(name)}${words}`, ...alterRole(name, changes)];
}

/** A new name first; the others go by it. Without settings, the password, and what `revoke` names. */
export function alterRole(name: string, { rename, options = {}, grant = [] }: RoleChanges): string[] {
  const role = escapeIdentifier(rename ?? name);
  const words = wordsOf(options);
  return [
    ...(rename === undefined ? [] : [`ALTER ROLE ${escapeIdentifier(name)} RENAME TO ${role}`]),
    ...(words === "" ? [] : [`ALTER ROLE ${role}${words}`]),
    ...grantMemberships(role, grant),
  ];
}

export function setSettings(name: string, set: RoleChanges["set"] = {}): string[] {
  const role = escapeIdentifier(name);
  return Object.entries(set).map(([setting, value]) => `ALTER ROLE ${role}${settingWords(setting, value)}`);
}

export interface Grant extends Pick<Membership, "role" | MembershipOption | "ofCreator"> {
  readonly grantor: string | null;
}

/** Before PostgreSQL 16, `ADMIN OPTION` is all there is. */
function grantMemberships(member: string, grant: readonly MembershipGrant[]): string[] {
  const groups = new Map<string, string[]>();
  for (const { role, admin, inherit, set } of grant) {
    const words = [
      ...(admin === true ? ["ADMIN OPTION"] : []),
      ...(inherit === undefined ? [] : [`INHERIT ${inherit ? "TRUE" : "FALSE"}`]),
      ...(set === undefined ? [] : [`SET ${set ? "TRUE" : "FALSE"}`]),
    ].join(", ");
    groups.set(words, [...(groups.get(words) ?? []), escapeIdentifier(role)]);
  }
  return [...groups].map(
    ([words, roles]) => `GRANT ${roles.join(", ")} TO ${member}${words === "" ? "" : ` WITH ${words}`}`,
  );
}

/** @param option the option alone */
export function revoke(
  name: string,
  { role, grantor }: Pick<Grant, "role" | "grantor">,
  option?: MembershipOption,
): string {
  const only = option === undefined ? "" : `${option.toUpperCase()} OPTION FOR `;
  const by = grantor === null ? "" : ` GRANTED BY ${escapeIdentifier(grantor)}`;
  return `REVOKE ${only}${escapeIdentifier(role)} FROM ${escapeIdentifier(name)}${by}`;
}

export function setPassword(name: string, verifier: string | null): string {
  return `ALTER ROLE ${escapeIdentifier(name)} PASSWORD ${verifier === null ? "NULL" : escapeLiteral(verifier)}`;
}

/** In one database: what the role owns goes to another role, what it was granted is taken back. */
export function reassignAndDropOwned(name: string, to: string): string[] {
  const role = escapeIdentifier(name);
  return [`REASSIGN OWNED BY ${role} TO ${escapeIdentifier(to)}`, `DROP OWNED BY ${role}`];
}

export function grantToSelf(role: string, withInherit: boolean): string {
  return `GRANT ${escapeIdentifier(role)} TO CURRENT_USER${withInherit ? " WITH INHERIT TRUE" : ""}`;
}

/** @param all the grant itself; else only that its privileges are inherited */
export function revokeFromSelf(role: string, all: boolean): string {
  return `REVOKE${all ? "" : " INHERIT OPTION FOR"} ${escapeIdentifier(role)} FROM CURRENT_USER GRANTED BY CURRENT_USER`;
}

/** Before PostgreSQL 16, for all its memberships. */
export function inheritOneself(inherit: boolean): string {
  return `ALTER ROLE CURRENT_USER ${inherit ? "INHERIT" : "NOINHERIT"}`;
}

export function dropRole(name: string): string {
  return `DROP ROLE IF EXISTS ${escapeIdentifier(name)}`;
}

/** PostgreSQL has no VALID UNTIL NULL; infinity is how it spells "never". */
function wordsOf(options: RoleOptions): string {
  return optionWords(options, (instant) => escapeLiteral(instant ?? "infinity"));
}
