import { escapeIdentifier, escapeLiteral } from "pg";
import { foldName } from "../../hba/names";
import type { MembershipGrant } from "../contract/membership";
import type { NewRole, RoleChanges } from "../contract/role";
import { changedOptions, initialOptions, optionWords, type RoleOptions } from "../contract/role-options";
import { settingWords } from "../contract/role-settings";
import { SETTING } from "./setting-names";
import { VALID_UNTIL } from "./valid-until";

/** Readable by everybody; the hash is masked there, always. Further options only stand in SHOW USERS. */
export const FIND_ROLES = `SELECT r.rolname AS name, r.rolcanlogin AS login, ${VALID_UNTIL} AS "validUntil",
  ARRAY(SELECT g.rolname::text FROM pg_catalog.pg_auth_members AS m JOIN pg_catalog.pg_roles AS g ON g.oid = m.roleid
    WHERE m.member = r.oid ORDER BY 1) AS "memberOf",
  ARRAY(SELECT g.rolname::text FROM pg_catalog.pg_auth_members AS m JOIN pg_catalog.pg_roles AS g ON g.oid = m.roleid
    WHERE m.member = r.oid AND m.admin_option) AS "adminOf",
  (SELECT s.setconfig FROM pg_catalog.pg_db_role_setting AS s WHERE s.setrole = r.oid AND s.setdatabase = 0) AS settings
FROM pg_catalog.pg_roles AS r WHERE r.rolname = ANY ($1::text[])`;

/** Whoever has CREATEROLE may alter any role that is no administrator. */
export const FIND_ADMINISTRATORS = `SELECT a.rolname::text AS name FROM pg_catalog.pg_roles AS a
WHERE NOT a.rolsuper AND a.rolname <> current_user AND (
  a.rolcreaterole
  OR EXISTS (SELECT 1 FROM pg_catalog.pg_auth_members AS m JOIN pg_catalog.pg_roles AS r ON r.oid = m.roleid
    WHERE m.member = a.oid AND m.admin_option AND r.rolname = $1)) ORDER BY 1`;

/** For administrators. Bytes, so that no session setting decides how they are spelt. */
export const READ_STORED_HASHES = `SELECT username, "hashedPassword" FROM system.users`;
export const READ_STORED_HASHES_OF = `${READ_STORED_HASHES} WHERE username = ANY ($1::text[])`;

/** From v26.1 on, system tables are closed to everybody, root too, until the session asks for them: until the transaction ends. */
export const ALLOW_SYSTEM_TABLES = "SET LOCAL allow_unsafe_internals = true";

export const ACCEPT_VERIFIERS = SETTING.storeClientPreHashedPasswords;

/** CockroachDB itself keeps the password out of its logs: it goes with the options, for each statement costs a schema change. */
export function createRole(
  name: string,
  { options = {}, verifier, grant = [], set = {} }: NewRole,
): string[] {
  const role = escapeIdentifier(name);
  const words = wordsOf(changedOptions(initialOptions("cockroachdb"), options)) + passwordWords(verifier);
  return [`CREATE ROLE ${role}${words}`, ...furtherStatements(role, { grant, set })];
}

export function alterRole(name: string, { options = {}, verifier, ...further }: RoleChanges): string[] {
  const role = escapeIdentifier(name);
  const words = wordsOf(options) + (verifier === undefined ? "" : passwordWords(verifier));
  return [...(words === "" ? [] : [`ALTER ROLE ${role}${words}`]), ...furtherStatements(role, further)];
}

/** In the current database. */
export function reassignAndDropOwned(name: string, to: string): string[] {
  const role = escapeIdentifier(name);
  return [`REASSIGN OWNED BY ${role} TO ${identifier(to)}`, `DROP OWNED BY ${role}`];
}

export function dropRole(name: string): string {
  return `DROP ROLE IF EXISTS ${escapeIdentifier(name)}`;
}

export function showSetting(name: string): string {
  return `SHOW CLUSTER SETTING ${name}`;
}

function furtherStatements(
  role: string,
  { grant = [], revoke = [], revokeOptions = [], set = {} }: RoleChanges,
): string[] {
  return [
    ...grantsOf(role, grant),
    ...(revoke.length === 0 ? [] : [`REVOKE ${revoke.map(identifier).join(", ")} FROM ${role}`]),
    ...revokeOptions.map((lost) => `REVOKE ADMIN OPTION FOR ${identifier(lost.role)} FROM ${role}`),
    ...Object.entries(set).map(([name, value]) => `ALTER ROLE ${role}${settingWords(name, value)}`),
  ];
}

/** ADMIN is the only option of a membership. A statement for all: each costs a schema change. */
function grantsOf(role: string, grant: readonly MembershipGrant[]): string[] {
  return [false, true].flatMap((admin) => {
    const names = grant
      .filter((each) => (each.admin ?? false) === admin)
      .map((each) => identifier(each.role));
    return names.length === 0
      ? []
      : [`GRANT ${names.join(", ")} TO ${role}${admin ? " WITH ADMIN OPTION" : ""}`];
  });
}

function wordsOf(options: RoleOptions): string {
  return optionWords(options, (instant) => (instant === null ? "NULL" : escapeLiteral(instant)));
}

function passwordWords(verifier: string | null): string {
  return ` PASSWORD ${verifier === null ? "NULL" : escapeLiteral(verifier)}`;
}

function identifier(name: string): string {
  return escapeIdentifier(foldName(name));
}
