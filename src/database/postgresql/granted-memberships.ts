import type pg from "pg";
import { escapeIdentifier } from "pg";
import { UserError } from "../../errors";
import { membershipOption } from "./statements";

interface Granted {
  readonly role: string;
  readonly member: string;
  readonly admin: boolean;
  readonly inherit: boolean;
  readonly set: boolean;
}

/**
 * Since PostgreSQL 16, a membership goes with the role that granted it. All memberships in the roles of which this one has
 * granted some.
 */
const FIND = `SELECT g.rolname::pg_catalog.text AS role, b.rolname::pg_catalog.text AS member,
  pg_catalog.bool_or(m.admin_option) AS admin,
  pg_catalog.bool_or(${membershipOption("inherit")}) AS inherit, pg_catalog.bool_or(${membershipOption("set")}) AS "set"
FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid JOIN pg_catalog.pg_roles b ON b.oid = m.member
WHERE pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 160000 AND b.rolname <> $1
  AND m.roleid = ANY ($2::pg_catalog.oid[]) GROUP BY 1, 2 ORDER BY 1, 2`;

const GROUPS = `SELECT DISTINCT m.roleid::pg_catalog.text AS oid FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles r ON r.oid = m.grantor
WHERE r.rolname = $1`;

/**
 * Does what takes back all that a role has granted, and grants the memberships among it again, as the administrator.
 *
 * @returns those, each as `"group" to "member"`
 */
export async function keepingMemberships(
  client: pg.ClientBase,
  grantor: string,
  work: () => Promise<void>,
): Promise<string[]> {
  const { rows: groups } = await client.query<{ oid: string }>(GROUPS, [grantor]);
  const all = async () => (await client.query<Granted>(FIND, [grantor, groups.map(({ oid }) => oid)])).rows;
  const before = groups.length > 0 ? await all() : [];
  await work();
  if (before.length === 0) return [];
  const after = new Set((await all()).map((row) => JSON.stringify(row)));
  const lost = before.filter((row) => !after.has(JSON.stringify(row)));
  for (const { role, member, admin, inherit, set } of lost)
    await client.query(
      `GRANT ${escapeIdentifier(role)} TO ${escapeIdentifier(member)} WITH ADMIN ${admin}, INHERIT ${inherit}, SET ${set}`,
    );
  return lost.map(({ role, member }) => `"${role}" to "${member}"`);
}

/** Whoever would lose a membership with the one that is to be revoked. */
export async function dependentMemberships(
  client: pg.ClientBase,
  grantor: string,
  role: string,
): Promise<UserError> {
  const { rows } = await client.query<{ member: string }>(
    `SELECT DISTINCT b.rolname::pg_catalog.text AS member
     FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
       JOIN pg_catalog.pg_roles b ON b.oid = m.member JOIN pg_catalog.pg_roles o ON o.oid = m.grantor
     WHERE o.rolname = $1 AND g.rolname = $2 ORDER BY 1`,
    [grantor, role],
  );
  const members = rows.map(({ member }) => `"${member}"`).join(", ");
  return new UserError(
    "2BP01",
    `could not alter role "${grantor}": it has granted "${role}" to ${members}, who would lose it with its own ADMIN on "${role}"`,
    {
      hint: `grant it to them as another role and revoke what "${grantor}" granted (SET ROLE ${escapeIdentifier(grantor)}; REVOKE ${escapeIdentifier(role)} FROM …), or declare \`{ role: "${role}", admin: true }\` [2BP01]`,
    },
  );
}
