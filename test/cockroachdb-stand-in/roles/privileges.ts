import { escapeLiteral } from "pg";
import type { Sql } from "../backend";
import type { Profile } from "../profile";
import { SqlError } from "../wire/sql-error";

/** `root`, and whoever is a member of `admin`. */
export async function isAdmin(sql: Sql, user: string): Promise<boolean> {
  const [row] = await sql(
    `SELECT pg_has_role(oid, 'admin', 'MEMBER') AS is FROM pg_roles WHERE rolname = ${escapeLiteral(user)}`,
  );
  return row?.is === "t";
}

/** By being admin, by the role option of that name, or by a system privilege (facts 3.3, 5.2), which is inherited. */
export async function hasPrivilege(sql: Sql, user: string, privilege: string): Promise<boolean> {
  const [name, option] = [escapeLiteral(user), escapeLiteral(privilege)];
  const [row] =
    await sql(`SELECT EXISTS (SELECT FROM system.role_options WHERE (username, option) = (${name}, ${option}))
    OR EXISTS (SELECT FROM system.privileges WHERE privilege = ${option} AND pg_has_role(${name}, username, 'MEMBER')) AS has`);
  return row?.has === "t" || isAdmin(sql, user);
}

/** Facts 3.3 */
export async function requirePrivilege(sql: Sql, user: string, privilege: string): Promise<void> {
  if (!(await hasPrivilege(sql, user, privilege))) {
    throw new SqlError("42501", `user ${user} does not have ${privilege} privilege`);
  }
}

/** Facts 3.4 */
export function missingRole({ quotesMissingRole }: Profile, name: string): SqlError {
  return quotesMissingRole
    ? new SqlError("42704", `role/user "${name}" does not exist`)
    : new SqlError("XXUUU", `role/user ${name} does not exist`);
}
