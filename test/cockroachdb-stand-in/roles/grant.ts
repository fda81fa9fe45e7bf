import { escapeLiteral } from "pg";
import type { Sql } from "../backend";
import type { Session } from "../session/session";
import { asSuperuser } from "../session/superuser";
import { Cursor } from "../sql/cursor";
import type { Planner } from "../statements/plan";
import { SqlError } from "../wire/sql-error";
import { normaliseName } from "./names";
import { isAdmin, missingRole } from "./privileges";

interface RoleGrant {
  readonly isGrant: boolean;
  readonly roles: readonly string[];
  readonly members: readonly string[];
}

/** GRANT and REVOKE of roles: PostgreSQL does it, once it is not refused as pkg/sql/grant_role.go and revoke_role.go refuse it. */
export const planRoleGrant: Planner = async (session, statement) => {
  const grant = parse(new Cursor(statement));
  if (grant === undefined) return undefined;
  await asSuperuser(session, (sql) => check(session, sql, grant));
  return { kind: "forward", text: statement.text };
};

/** `undefined` for any other statement, `GRANT … ON …` among them. */
function parse(cursor: Cursor): RoleGrant | undefined {
  const isGrant = cursor.accept("grant");
  if (!isGrant && !cursor.accept("revoke")) return undefined;
  if (!isGrant) cursor.accept("admin option for");
  const roles = names(cursor);
  if (roles === undefined || !cursor.accept(isGrant ? "to" : "from")) return undefined;
  return { isGrant, roles, members: names(cursor) ?? cursor.fail() };
}

function names(cursor: Cursor): string[] | undefined {
  const found: string[] = [];
  do {
    const kind = cursor.peek()?.kind;
    if (kind !== "word" && kind !== "quoted") return undefined;
    found.push(normaliseName(cursor.name()));
  } while (cursor.acceptSymbol(","));
  return found;
}

async function check(
  { user, standIn: { profile } }: Session,
  sql: Sql,
  { isGrant, roles, members }: RoleGrant,
): Promise<void> {
  const admin = await isAdmin(sql, user);
  for (const role of roles) {
    if (admin && role !== "admin") continue;
    if (await isMember(sql, user, role, true)) continue;
    const who = role === "admin" ? "role admin" : "superuser or role admin";
    throw new SqlError("42501", `${user} is not a ${who} for role ${role}`);
  }
  for (const name of [...roles, ...members]) {
    const [found] = await sql(`SELECT FROM system.users WHERE username = ${escapeLiteral(name)}`);
    if (found === undefined) throw missingRole(profile, name);
  }
  for (const role of roles) {
    for (const member of members) {
      if (isGrant) await refuseCircle(sql, role, member);
      else if (role === "admin" && member === "root") {
        throw new SqlError(
          "55006",
          "role/user root cannot be removed from role admin or lose the ADMIN OPTION",
        );
      }
    }
  }
}

async function refuseCircle(sql: Sql, role: string, member: string): Promise<void> {
  if (role === member) throw new SqlError("0LP01", `${role} cannot be a member of itself`);
  if (await isMember(sql, role, member, false)) {
    throw new SqlError("0LP01", `making ${member} a member of ${role} would create a cycle`);
  }
}

async function isMember(sql: Sql, member: string, role: string, withAdmin: boolean): Promise<boolean> {
  const [row] = await sql(`WITH RECURSIVE of AS (
      SELECT role, "isAdmin" FROM system.role_members WHERE member = ${escapeLiteral(member)}
      UNION SELECT m.role, m."isAdmin" FROM system.role_members m JOIN of ON m.member = of.role)
    SELECT EXISTS (SELECT FROM of WHERE role = ${escapeLiteral(role)}${withAdmin ? ' AND "isAdmin"' : ""}) AS is`);
  return row?.is === "t";
}
