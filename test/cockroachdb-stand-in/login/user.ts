import { escapeLiteral } from "pg";
import type { Sql } from "../backend";

/** What the server looks up of who wants in. */
export interface StoredUser {
  readonly name: string;
  /** `""` for none. */
  readonly hash: string;
  readonly mayLogIn: boolean;
  /** Facts 3.5: blocks password logins; not those of root (3.3). */
  readonly expired: boolean;
}

export async function findUser(sql: Sql, name: string): Promise<StoredUser | undefined> {
  const [row] = await sql(`
    SELECT coalesce(encode("hashedPassword", 'escape'), '') AS hash,
      EXISTS (SELECT FROM system.role_options o WHERE o.username = u.username AND option IN ('NOLOGIN', 'NOSQLLOGIN'))
      OR EXISTS (SELECT FROM system.privileges p WHERE privilege = 'NOSQLLOGIN' AND u.username <> 'root'
        AND pg_has_role(u.username, p.username, 'MEMBER')) AS barred,
      EXISTS (SELECT FROM system.role_options o WHERE o.username = u.username AND option = 'VALID UNTIL'
        AND value::timestamptz <= now()) AND u.username <> 'root' AS expired
    FROM system.users u WHERE username = ${escapeLiteral(name)}`);
  if (row === undefined) return undefined;
  return { name, hash: row.hash ?? "", mayLogIn: row.barred === "f", expired: row.expired === "t" };
}

/** Facts 2.5: only over the hash that was read. */
export async function replaceHash(sql: Sql, user: StoredUser, hash: string): Promise<void> {
  await sql(`UPDATE system.users SET "hashedPassword" = convert_to(${escapeLiteral(hash)}, 'UTF8')
    WHERE username = ${escapeLiteral(user.name)} AND "hashedPassword" = convert_to(${escapeLiteral(user.hash)}, 'UTF8')`);
}
