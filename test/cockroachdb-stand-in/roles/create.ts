import { escapeIdentifier, escapeLiteral } from "pg";
import type { Sql } from "../backend";
import type { Session } from "../session/session";
import { SqlError } from "../wire/sql-error";
import { normaliseName, refuseReserved, validateName } from "./names";
import { checkOptions, LOGIN_OPTIONS, type RoleOption } from "./options";
import type { RoleDefinition } from "./parse";
import { requirePrivilege } from "./privileges";
import { givenValue, passwordColumn, storeOptions } from "./values";

/** Facts 3.4, the order of the checks in CREATE. */
export async function createRole(
  session: Session,
  sql: Sql,
  { role, isRole, lenient, options }: RoleDefinition,
  values: readonly (string | null)[],
): Promise<void> {
  await requirePrivilege(sql, session.user, "CREATEROLE");
  if ("special" in role) throw new SqlError("42939", `${role.special} cannot be used as a role name here`);
  checkOptions(options);
  const given = withDefaultLogin(options, isRole);
  if (!withoutLogin(given)) await requirePrivilege(sql, session.user, "CREATELOGIN");
  const name = normaliseName(role.name);
  validateName(name);
  refuseReserved(name);
  const password = await passwordColumn(session, sql, givenValue(options, "PASSWORD", values));
  const [existing] = await sql(`SELECT FROM system.users WHERE username = ${escapeLiteral(name)}`);
  if (existing !== undefined) {
    // Facts 0.5: the password is not updated either.
    if (lenient) return;
    throw alreadyExists(name);
  }
  await insertRole(session, sql, name, { password: password ?? "NULL", isRole });
  await storeOptions(sql, name, given, values);
}

/** Facts-2, "Where the stand-in is wrong": a user may log in unless it is said, and that needs CREATELOGIN; NOLOGIN does not. */
function withoutLogin(options: readonly RoleOption[]): boolean {
  const others = options.filter((option) => option.name !== "LOGIN");
  const disabled = options.some((option) => option.name === "LOGIN" && "on" in option && !option.on);
  return disabled && !others.some(({ name }) => LOGIN_OPTIONS.includes(name));
}

/** The role in PostgreSQL has no password: nobody logs in there. */
async function insertRole(
  { standIn }: Session,
  sql: Sql,
  name: string,
  { password, isRole }: { password: string; isRole: boolean },
): Promise<void> {
  await sql(`CREATE ROLE ${escapeIdentifier(name)}`).catch((error) => {
    throw error instanceof SqlError && error.code === "42710" ? alreadyExists(name) : error;
  });
  const [column, id] = standIn.profile.userIds
    ? [", user_id", `, (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ${escapeLiteral(name)})`]
    : ["", ""];
  await sql(`INSERT INTO system.users (username, "hashedPassword", "isRole"${column})
    VALUES (${escapeLiteral(name)}, ${password}, ${isRole}${id})`);
}

/** Facts 3.1: CREATE ROLE adds NOLOGIN. */
function withDefaultLogin(options: readonly RoleOption[], isRole: boolean): readonly RoleOption[] {
  const told = options.some(({ name }) => name === "LOGIN");
  return isRole && !told ? [...options, { name: "LOGIN", on: false }] : options;
}

function alreadyExists(name: string): SqlError {
  return new SqlError("42710", `a role/user named ${name} already exists`);
}
