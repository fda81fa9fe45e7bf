import { escapeIdentifier, escapeLiteral } from "pg";
import type { Sql } from "../backend";
import type { Session } from "../session/session";
import { SqlError } from "../wire/sql-error";
import { normaliseName, refuseReserved, validateName } from "./names";
import type { RoleDrop, RoleSpec } from "./parse";
import { isAdmin, missingRole, requirePrivilege } from "./privileges";

/** Facts 3.3, 3.4. Memberships and options go too. */
export async function dropRoles(session: Session, sql: Sql, { roles, lenient }: RoleDrop): Promise<void> {
  await requirePrivilege(sql, session.user, "CREATEROLE");
  for (const name of roles.map(nameToDrop)) {
    const [existing] = await sql(`SELECT FROM system.users WHERE username = ${escapeLiteral(name)}`);
    if (existing === undefined) {
      if (lenient) continue;
      throw missingRole(session.standIn.profile, name);
    }
    // What is granted to them by default is found before it is asked whether they are special (facts 3.4).
    if (name === "root" || name === "admin") {
      throw new SqlError(
        "2BP01",
        `cannot drop role/user ${name}: grants still exist on ${GRANTED_TO_SPECIAL}`,
      );
    }
    if ((await isAdmin(sql, name)) && !(await isAdmin(sql, session.user))) {
      throw new SqlError("42501", "must be superuser to drop superusers");
    }
    await sql(`DELETE FROM system.users WHERE username = ${escapeLiteral(name)}`);
    await sql(`DROP ROLE ${escapeIdentifier(name)}`).catch((error) => {
      throw explainDependency(error, name);
    });
  }
}

const GRANTED_TO_SPECIAL = "system.public.descriptor, system.public.users and 40 more";

function nameToDrop(role: RoleSpec): string {
  if ("special" in role) throw new SqlError("22023", "cannot use special role specifier in DROP ROLE");
  const name = normaliseName(role.name);
  validateName(name);
  refuseReserved(name);
  return name;
}

/** PostgreSQL says what depends on the role in the detail: ownership or grants. */
function explainDependency(error: unknown, name: string): unknown {
  if (!(error instanceof SqlError) || error.code !== "2BP01") return error;
  const grants = /^privileges for (.*)$/m.exec(error.detail ?? "")?.[1];
  if (grants !== undefined && !/^owner of/m.test(error.detail ?? "")) {
    return new SqlError("2BP01", `cannot drop role/user ${name}: grants still exist on ${grants}`);
  }
  return new SqlError(
    "2BP01",
    `role ${name} cannot be dropped because some objects depend on it\n${error.detail ?? ""}`,
  );
}
