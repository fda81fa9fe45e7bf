import type pg from "pg";

/** Whom a session acts as, and whether it is the administrator's own settings, or the server's for everybody, that say so. */
const ASK_ROLE = `SELECT pg_catalog.current_setting('role') AS role, EXISTS (
  SELECT FROM pg_catalog.pg_db_role_setting, pg_catalog.unnest(setconfig) AS setting
  WHERE setting = 'role=' || pg_catalog.current_setting('role')
    AND (setrole = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = session_user) OR setrole = 0 AND setdatabase = 0)
) AS own`;

/**
 * Whom the administrator wants us to act as: a role of the connection's `options`, or of ALTER ROLE … SET role. Not one of
 * ALTER DATABASE … SET role: its owner would have our roles made by somebody else, who then administers them.
 *
 * @returns `none` for the administrator itself
 */
export async function ownRole(client: pg.ClientBase, options = ""): Promise<string> {
  const { rows } = await client.query<{ role: string; own: boolean }>(ASK_ROLE);
  const { role = "none", own = false } = rows[0] ?? {};
  return own || rolesIn(options).includes(role) ? role : "none";
}

/** Of `-c role=name` and `--role=name`, as the server takes options apart (pg_split_opts). */
function rolesIn(options: string): string[] {
  const found = options.matchAll(/(?:^|\s)(?:-c\s*|--)role=((?:\\.|[^\s\\])*)/gi);
  return [...found].map(([, name = ""]) => name.replaceAll(/\\(.)/g, "$1"));
}
