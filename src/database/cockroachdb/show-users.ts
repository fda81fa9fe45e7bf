import type pg from "pg";
import { isFromServer, lacksPrivilege, SQLSTATE } from "../session/sqlstate";
import { inSavepoint } from "../session/transaction";

/** What every role has of options, by name; `undefined` where the administrator may not read them. */
export type OptionsByRole = ReadonlyMap<string, readonly string[]>;

/** SHOW USERS: one text up to v25.2, a list from v25.3 on. */
export async function showUsers(client: pg.ClientBase): Promise<OptionsByRole | undefined> {
  try {
    const { rows } = await inSavepoint(client, () =>
      client.query<{ username: string; options: string | readonly string[] }>("SHOW USERS"),
    );
    return new Map(
      rows.map(({ username, options }) => [
        username,
        typeof options === "string" ? options.split(/,\s*/) : options,
      ]),
    );
  } catch (error) {
    if (lacksPrivilege(error)) return undefined;
    throw error;
  }
}

/** Whether NOSQLLOGIN is among a role's options, and its SUBJECT: a distinguished name, which a text cuts at its commas. */
export function loginOptions(options: readonly string[] = []): { noSqlLogin: boolean; subject?: string } {
  const at = options.findIndex((option) => option.startsWith("SUBJECT="));
  const noSqlLogin = options.includes("NOSQLLOGIN");
  if (at === -1) return { noSqlLogin };
  const rest = options.slice(at + 1);
  const end = rest.findIndex((option) => !/^[\w.]+=/.test(option));
  const parts = [options[at]?.slice("SUBJECT=".length), ...rest.slice(0, end === -1 ? undefined : end)];
  return { noSqlLogin, subject: parts.join(",") };
}

const MEMBERS = `SELECT m.rolname::text AS member, g.rolname::text AS role FROM pg_catalog.pg_auth_members AS a
JOIN pg_catalog.pg_roles AS g ON g.oid = a.roleid JOIN pg_catalog.pg_roles AS m ON m.oid = a.member`;

/** Who has the system privilege NOSQLLOGIN, of its own or through a role it belongs to. From v22.2 on, and shown to everybody. */
export async function readNoSqlLogin(client: pg.ClientBase): Promise<ReadonlySet<string>> {
  const barred = new Set(await grantees(client));
  if (barred.size === 0) return barred;
  const { rows } = await client.query<{ member: string; role: string }>(MEMBERS);
  for (let before = -1; before !== barred.size; ) {
    before = barred.size;
    for (const { member, role } of rows) if (barred.has(role)) barred.add(member);
  }
  barred.delete("root");
  return barred;
}

async function grantees(client: pg.ClientBase): Promise<string[]> {
  try {
    const { rows } = await inSavepoint(client, () =>
      client.query<{ grantee: string; privilege_type: string }>("SHOW SYSTEM GRANTS"),
    );
    return rows.filter(({ privilege_type }) => privilege_type === "NOSQLLOGIN").map(({ grantee }) => grantee);
  } catch (error) {
    // Not a statement of v22.1.
    if (isFromServer(error, SQLSTATE.syntaxError)) return [];
    throw error;
  }
}
