import { escapeLiteral } from "pg";
import type { Sql } from "../backend";
import type { Session } from "../session/session";
import { Settings } from "../settings/settings";
import { SqlError } from "../wire/sql-error";
import { normaliseName } from "./names";
import { checkOptions, LOGIN_OPTIONS } from "./options";
import type { RoleDefinition } from "./parse";
import { nameOf } from "./plan";
import { isAdmin, missingRole, requirePrivilege } from "./privileges";
import { givenValue, passwordColumn, storeOptions } from "./values";

/** Facts 3.3, 3.4. The name is not validated: an impossible one is just not found (3.2). */
export async function alterRole(
  session: Session,
  sql: Sql,
  statement: RoleDefinition,
  values: readonly (string | null)[],
): Promise<void> {
  const { role, lenient, options } = statement;
  const { user, standIn } = session;
  const name = normaliseName(nameOf(role, user));
  const ownPassword = await changesOwnPassword(session, name, statement);
  if (!ownPassword) await requirePrivilege(sql, user, "CREATEROLE");
  checkOptions(options);
  if (!ownPassword && options.some((option) => LOGIN_OPTIONS.includes(option.name))) {
    await requirePrivilege(sql, user, "CREATELOGIN");
  }
  if (name === "admin") throw new SqlError("42501", "cannot edit admin role");
  const password = await passwordColumn(session, sql, givenValue(options, "PASSWORD", values));
  const [existing] = await sql(`SELECT FROM system.users WHERE username = ${escapeLiteral(name)}`);
  if (existing === undefined) {
    if (lenient) return;
    throw missingRole(standIn.profile, name);
  }
  if (!ownPassword && (await isAdmin(sql, name)) && !(await isAdmin(sql, user))) {
    throw new SqlError("42501", "only users with the admin role are allowed to alter another admin");
  }
  if (password !== undefined) {
    await sql(
      `UPDATE system.users SET "hashedPassword" = ${password} WHERE username = ${escapeLiteral(name)}`,
    );
  }
  await storeOptions(sql, name, options, values);
}

/** Facts 2.4: `sql.auth.change_own_password.enabled` */
async function changesOwnPassword(
  { user, standIn }: Session,
  name: string,
  { options }: RoleDefinition,
): Promise<boolean> {
  const [only, ...others] = options;
  if (name !== user || others.length > 0 || only?.name !== "PASSWORD" || !("value" in only)) return false;
  // Taking it away is no change of it.
  if (only.value === null) return false;
  const settings = await Settings.read(standIn.database.sql, standIn.profile);
  return settings.bool("sql.auth.change_own_password.enabled");
}
