import type pg from "pg";
import { escapeIdentifier } from "pg";
import { UserError } from "../../errors";

interface Left {
  readonly type: string;
  readonly identity: string;
  readonly grantor: string;
  readonly privileges: readonly string[];
}

/**
 * DROP OWNED takes back what the administrator, or the owner for it, has granted. What somebody else has granted on by a GRANT
 * OPTION stays, and so does the role. Names it, as far as this database shows.
 *
 * @returns `undefined` where nothing is found
 */
export async function privilegesLeft(client: pg.ClientBase, role: string): Promise<UserError | undefined> {
  const { rows: versions } = await client.query<{ parameters: boolean }>(HAS_PARAMETERS);
  const { rows } = await client.query<Left>(leftTo(versions[0]?.parameters === true), [role]);
  if (rows.length === 0) return undefined;
  const member = escapeIdentifier(role);
  const what = rows.map(
    ({ type, identity, grantor, privileges }) =>
      `${privileges.join(", ")} on ${type} ${identity}, granted by "${grantor}"`,
  );
  const statements = rows.map(({ type, identity, grantor, privileges }) => {
    const revoke = `REVOKE ${privileges.join(", ")} ON ${type.toUpperCase()} ${identity} FROM ${member}`;
    return `SET ROLE ${escapeIdentifier(grantor)}; ${revoke}; RESET ROLE;`;
  });
  return new UserError(
    "2BP01",
    `could not drop role "${role}": it has privileges that others granted: ${what.join("; ")}`,
    { hint: `run ${statements.join(" ")} then delete again [2BP01]` },
  );
}

const HAS_PARAMETERS = `SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 150000 AS parameters`;

/** Of whole objects; those of columns come beside them. */
const ACLS = [
  ["pg_database", "datacl"],
  ["pg_tablespace", "spcacl"],
  ["pg_namespace", "nspacl"],
  ["pg_class", "relacl"],
  ["pg_proc", "proacl"],
  ["pg_type", "typacl"],
  ["pg_language", "lanacl"],
  ["pg_foreign_data_wrapper", "fdwacl"],
  ["pg_foreign_server", "srvacl"],
] as const;

function leftTo(withParameters: boolean): string {
  const ofObjects = [...ACLS, ...(withParameters ? [["pg_parameter_acl", "paracl"]] : [])].map(
    ([catalog, acl]) =>
      `SELECT ${acl} AS acl, '' AS columns FROM pg_catalog.${catalog}
      WHERE s.objsubid = 0 AND s.classid = 'pg_catalog.${catalog}'::pg_catalog.regclass AND oid = s.objid`,
  );
  const acls = [
    ...ofObjects,
    `SELECT attacl, ' (' || pg_catalog.quote_ident(attname) || ')' FROM pg_catalog.pg_attribute
      WHERE s.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND attrelid = s.objid AND attnum = s.objsubid`,
  ];
  return `SELECT CASE WHEN o.type LIKE '%view' OR o.type LIKE '%table' THEN 'table'
      WHEN o.type LIKE 'parameter%' THEN 'parameter' WHEN o.type = 'server' THEN 'foreign server' ELSE o.type END AS type,
    o.identity, g.rolname::pg_catalog.text AS grantor,
    pg_catalog.array_agg(DISTINCT a.privilege_type || acls.columns ORDER BY a.privilege_type || acls.columns) AS privileges
  FROM pg_catalog.pg_roles r
    JOIN pg_catalog.pg_shdepend s ON s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND s.refobjid = r.oid AND s.deptype = 'a'
      AND (s.dbid = 0 OR s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
    JOIN LATERAL (${acls.join(" UNION ALL ")}) acls ON true
    JOIN LATERAL pg_catalog.aclexplode(acl) a ON a.grantee = r.oid
    JOIN pg_catalog.pg_roles g ON g.oid = a.grantor
    JOIN LATERAL pg_catalog.pg_identify_object(s.classid, s.objid, 0) o ON true
  WHERE r.rolname = $1 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;
}
