import type pg from "pg";

/** Below are the objects that come with the server (FirstNormalObjectId). */
const FIRST_OBJECT_OF_USERS = 16_384;

/** Of what this very transaction has written: REASSIGN OWNED writes the row of each object that it gives away. */
const WRITTEN_NOW = "xmin = pg_catalog.pg_current_xact_id()::pg_catalog.xid";

/** An expression calls what a user has made, and no superuser has installed as an extension. */
const CALLS_CODE_OF_USERS = `d.refobjid >= ${FIRST_OBJECT_OF_USERS}
  AND d.refclassid IN ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass,
    'pg_catalog.pg_type'::pg_catalog.regclass)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend m JOIN pg_catalog.pg_extension x ON x.oid = m.refobjid
    JOIN pg_catalog.pg_roles o ON o.oid = x.extowner
    WHERE m.classid = d.refclassid AND m.objid = d.refobjid AND m.deptype = 'e' AND o.rolsuper AND NOT x.${WRITTEN_NOW})`;

/**
 * What there may be about a relation (`c`) by which others act with its owner's rights: a view and a rule read and write with them;
 * an expression runs with them when the table is analysed, by autovacuum too; what a foreign key does to rows sets off triggers,
 * checks and defaults with them. Each was tried (owner-rights.test.ts).
 */
const OF_RELATIONS: readonly (readonly [what: string, condition: string])[] = [
  ["refreshed with the rights of its owner", "relkind = 'm'"],
  [
    "not security_invoker",
    `relkind = 'v' AND NOT EXISTS (SELECT FROM pg_catalog.pg_options_to_table(reloptions)
      WHERE option_name = 'security_invoker' AND option_value::pg_catalog.bool)`,
  ],
  ["a rule", "EXISTS (SELECT FROM pg_catalog.pg_rewrite WHERE ev_class = c.oid AND rulename <> '_RETURN')"],
  ["a trigger", "EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal)"],
  [
    "a foreign key that changes its rows",
    `EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE conrelid = c.oid AND contype = 'f'
      AND (confdeltype IN ('n', 'd') OR confupdtype IN ('c', 'n', 'd')))`,
  ],
  [
    "REFERENCES or TRIGGER granted to others",
    `EXISTS (SELECT FROM (SELECT relacl AS acl UNION ALL SELECT attacl FROM pg_catalog.pg_attribute WHERE attrelid = c.oid) a,
        pg_catalog.aclexplode(acl)
      WHERE privilege_type IN ('REFERENCES', 'TRIGGER') AND grantee <> relowner)`,
  ],
  [
    "a column of a range type",
    `EXISTS (SELECT FROM pg_catalog.pg_attribute JOIN pg_catalog.pg_type t ON t.oid = atttypid WHERE attrelid = c.oid
      AND t.oid >= ${FIRST_OBJECT_OF_USERS} AND typanalyze::pg_catalog.text LIKE '%range_typanalyze')`,
  ],
  [
    "an expression in an index",
    `EXISTS (SELECT FROM pg_catalog.pg_index JOIN pg_catalog.pg_depend d
        ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = indexrelid
      WHERE indrelid = c.oid AND ${CALLS_CODE_OF_USERS})`,
  ],
  [
    "an expression in statistics",
    `EXISTS (SELECT FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_depend d
        ON d.classid = 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass AND d.objid = s.oid
      WHERE stxrelid = c.oid AND ${CALLS_CODE_OF_USERS})`,
  ],
];

const WHAT = OF_RELATIONS.map(([what, condition]) => `WHEN ${condition} THEN '${what}'`).join("\n    ");

/** More of them tell no more. */
const MAX_NAMED = 10;

const found = (functions: string, relations: string, subscriptions: string) => `WITH role AS (
  SELECT oid FROM pg_catalog.pg_roles WHERE rolname = $1
), found AS (
  SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass AS classid, oid, 'SECURITY DEFINER' AS what
  FROM pg_catalog.pg_proc WHERE proowner IN (SELECT oid FROM role) AND prosecdef AND ${functions}
  UNION ALL
  SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, oid, CASE
    ${WHAT} END
  FROM pg_catalog.pg_class c WHERE relowner IN (SELECT oid FROM role) AND ${relations}
  UNION ALL
  SELECT 'pg_catalog.pg_subscription'::pg_catalog.regclass, s.oid, 'applied with the rights of its owner'
  FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = subdbid
  WHERE subowner IN (SELECT oid FROM role) AND datname = pg_catalog.current_database() AND ${subscriptions}
)
SELECT pg_catalog.count(*) OVER ()::pg_catalog.int4 AS count, pg_catalog.pg_describe_object(classid, oid, 0) AS object, what,
  pg_catalog.current_database()::pg_catalog.text AS database
FROM found WHERE what IS NOT NULL ORDER BY classid, oid LIMIT ${MAX_NAMED}`;

const OWNED = found("true", "true", "true");
/** When a subscription was written, only a superuser may see. */
const GIVEN_NOW = found(WRITTEN_NOW, WRITTEN_NOW, "false");

/** What of a role's acts with the rights of its owner, in this database. */
export interface OwnerRights {
  readonly count: number;
  /** The first of them: `function shop.pay(integer) (SECURITY DEFINER) in database "shop"`. */
  readonly named: readonly string[];
}

/** @param owned all that the role owns, or only what this very transaction has given to it */
export async function ownerRights(
  client: pg.ClientBase,
  role: string,
  owned: "all" | "given now" = "all",
): Promise<OwnerRights> {
  const { rows } = await client.query<{ count: number; object: string; what: string; database: string }>(
    owned === "all" ? OWNED : GIVEN_NOW,
    [role],
  );
  const named = rows.map(({ object, what, database }) => `${object} (${what}) in database "${database}"`);
  return { count: rows[0]?.count ?? 0, named };
}

/** All of them in a list; nothing where there are none. */
export function listed(rights: readonly OwnerRights[]): string | undefined {
  const named = rights.flatMap(({ named }) => named).slice(0, MAX_NAMED);
  const more = rights.reduce((sum, { count }) => sum + count, 0) - named.length;
  if (named.length === 0) return undefined;
  return more > 0 ? `${named.join(", ")} and ${more} more` : named.join(", ");
}

/** As a superuser can, or can make itself one: by writing the server's files, or before PostgreSQL 16 by granting itself that. */
const UNLIMITED = `SELECT rolname::pg_catalog.text AS name, rolsuper
  OR pg_catalog.pg_has_role(oid, 'pg_write_server_files', 'USAGE')
  OR pg_catalog.pg_has_role(oid, 'pg_execute_server_program', 'USAGE')
  OR rolcreaterole AND pg_catalog.current_setting('server_version_num')::pg_catalog.int4 < 160000 AS unlimited
FROM pg_catalog.pg_roles WHERE rolname = ANY ($1::pg_catalog.text[])`;

/** Whether an heir that is a superuser, or as good as one, comes after somebody who is not. */
export async function gainsSuperuser(client: pg.ClientBase, name: string, heir: string): Promise<boolean> {
  const { rows } = await client.query<{ name: string; unlimited: boolean }>(UNLIMITED, [[name, heir]]);
  const unlimited = rows.filter((row) => row.unlimited).map((row) => row.name);
  return unlimited.includes(heir) && !unlimited.includes(name);
}
