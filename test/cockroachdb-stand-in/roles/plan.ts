import { asSuperuser } from "../session/superuser";
import { beginsWith } from "../sql/statement";
import type { Planner } from "../statements/plan";
import { planRoleVariable } from "../statements/variables";
import { alterRole } from "./alter";
import { createRole } from "./create";
import { dropRoles } from "./drop";
import { parseRoleStatement, type RoleSpec } from "./parse";
import { requirePrivilege } from "./privileges";
import { showRoles } from "./show";

/** Role statements and SHOW USERS (facts 3). Spelled ROLE or USER, the tag says ROLE (facts 3.1). */
export const planRoleStatement: Planner = (session, statement) => {
  if (beginsWith(statement, "show users") || beginsWith(statement, "show roles")) {
    return showRoles(session.standIn.profile);
  }
  const parsed = parseRoleStatement(statement, session.standIn.profile);
  if (parsed === undefined) return undefined;
  if (parsed.kind === "variable") {
    const text = planRoleVariable(session, nameOf(parsed.role, session.user), parsed.cursor);
    return {
      kind: "command",
      isRoleStatement: true,
      run: () =>
        asSuperuser(session, async (sql) => {
          await requirePrivilege(sql, session.user, "CREATEROLE");
          await sql(text);
          return "ALTER ROLE";
        }),
    };
  }
  // Facts 3.1
  const deprecation =
    parsed.kind !== "drop" && parsed.options.some(({ name }) => name === "CONTROLCHANGEFEED")
      ? { notices: ["the role option CONTROLCHANGEFEED will be deprecated and removed in a future release"] }
      : {};
  return {
    kind: "command",
    isRoleStatement: true,
    ...deprecation,
    run: (values) =>
      asSuperuser(session, async (sql) => {
        if (parsed.kind === "create") await createRole(session, sql, parsed, values);
        if (parsed.kind === "alter") await alterRole(session, sql, parsed, values);
        if (parsed.kind === "drop") await dropRoles(session, sql, parsed);
        return `${parsed.kind.toUpperCase()} ROLE`;
      }),
  };
};

/** ALTER takes CURRENT_USER and SESSION_USER (facts 3.1). */
export function nameOf(role: RoleSpec, user: string): string {
  return "name" in role ? role.name : user;
}
