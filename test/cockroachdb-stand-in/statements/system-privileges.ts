import { escapeLiteral } from "pg";
import { normaliseName } from "../roles/names";
import { isAdmin, missingRole } from "../roles/privileges";
import { asSuperuser } from "../session/superuser";
import { Cursor } from "../sql/cursor";
import { SqlError } from "../wire/sql-error";
import type { Planner } from "./plan";

/** show-system-grants.md: needs no privilege. */
const GRANTS =
  "SELECT username AS grantee, privilege AS privilege_type, false AS is_grantable FROM system.privileges ORDER BY 1, 2";

/** Facts 3.3: `GRANT SYSTEM CREATEROLE, … TO x` and its REVOKE, since v23.2. */
export const planSystemPrivileges: Planner = (session, statement) => {
  const cursor = new Cursor(statement);
  if (session.standIn.profile.systemPrivileges && cursor.accept("show system grants")) {
    cursor.end();
    return { kind: "forward", text: GRANTS };
  }
  const isGrant = cursor.accept("grant system");
  if ((!isGrant && !cursor.accept("revoke system")) || !session.standIn.profile.systemPrivileges)
    return undefined;
  const privileges = list(cursor).map((name) => name.toUpperCase());
  cursor.expect(isGrant ? "to" : "from");
  const roles = list(cursor).map(normaliseName);
  cursor.end();
  return {
    kind: "command",
    run: async () => {
      await asSuperuser(session, async (sql) => {
        if (!(await isAdmin(sql, session.user))) {
          throw new SqlError(
            "42501",
            `user ${session.user} does not have the GRANT option on the system privileges`,
          );
        }
        for (const role of roles) {
          const [found] = await sql(`SELECT FROM system.users WHERE username = ${escapeLiteral(role)}`);
          if (found === undefined) throw missingRole(session.standIn.profile, role);
          for (const privilege of privileges) {
            const row = `(${escapeLiteral(role)}, ${escapeLiteral(privilege)})`;
            await sql(
              isGrant
                ? `INSERT INTO system.privileges VALUES ${row} ON CONFLICT DO NOTHING`
                : `DELETE FROM system.privileges WHERE (username, privilege) = ${row}`,
            );
          }
        }
      });
      return isGrant ? "GRANT" : "REVOKE";
    },
  };
};

function list(cursor: Cursor): string[] {
  const names = [cursor.name()];
  while (cursor.acceptSymbol(",")) names.push(cursor.name());
  return names;
}
