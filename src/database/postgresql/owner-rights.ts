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
    "a foreign key between unlike types",
    `EXISTS (SELECT FROM pg_catalog.pg_constraint k, pg_catalog.generate_subscripts(k.conkey, 1) AS n
      JOIN pg_catalog.pg_attribute f ON true JOIN pg_catalog.pg_attribute p ON true
      WHERE k.contype = 'f' AND c.oid IN (k.conrelid, k.confrelid) AND f.attrelid = k.conrelid AND f.attnum = k.conkey[n]
      AND p.attrelid = k.confrelid AND p.attnum = k.confkey[n] AND f.atttypid <> p.atttypid
      AND (f.atttypid >= ${FIRST_OBJECT_OF_USERS} OR p.atttypid >= ${FIRST_OBJECT_OF_USERS}))`,
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
/** When a subscription was written, only a superuser may see; for others, each of the new owner's counts. */
const givenNow = (isSuperuser: boolean) =>
  found(WRITTEN_NOW, WRITTEN_NOW, isSuperuser ? `s.${WRITTEN_NOW}` : "true");
const IS_SUPERUSER = "SELECT pg_catalog.current_setting('is_superuser') = 'on' AS yes";

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
  const text = owned === "all" ? OWNED : givenNow(await isSuperuser(client));
  const { rows } = await client.query<{ count: number; object: string; what: string; database: string }>(
    text,
    [role],
  );
  const named = rows.map(({ object, what, database }) => `${object} (${what}) in database "${database}"`);
  return { count: rows[0]?.count ?? 0, named };
}

async function isSuperuser(client: pg.ClientBase): Promise<boolean> {
  return (await client.query<{ yes: boolean }>(IS_SUPERUSER)).rows[0]?.yes === true;
}

/** All of them in a list; nothing where there are none. */
export function listed(rights: readonly OwnerRights[]): string | undefined {
  const named = rights.flatMap(({ named }) => named).slice(0, MAX_NAMED);
  const more = rights.reduce((sum, { count }) => sum + count, 0) - named.length;
  if (named.length === 0) return undefined;
  return more > 0 ? `${named.join(", ")} and ${more} more` : named.join(", ");
}

/**
 * A superuser, or who can become one: as a member of one (MEMBER: whether its privileges are inherited or not), or by writing the
 * server's files; and who may alter other roles, whose passwords are theirs to set.
 */
const POWERFUL = `SELECT r.rolname::pg_catalog.text AS name, r.rolcreaterole OR EXISTS (
  SELECT FROM pg_catalog.pg_roles p WHERE pg_catalog.pg_has_role(r.oid, p.oid, 'MEMBER')
  AND (p.rolsuper OR p.rolname IN ('pg_write_server_files', 'pg_execute_server_program'))) AS powerful
FROM pg_catalog.pg_roles r WHERE r.rolname = ANY ($1::pg_catalog.text[])`;

/** Whether a new owner that is a superuser, can become one, or may alter other roles comes after somebody who is none of it. */
export async function gainsSuperuser(
  client: pg.ClientBase,
  name: string,
  newOwner: string,
): Promise<boolean> {
  const { rows } = await client.query<{ name: string; powerful: boolean }>(POWERFUL, [[name, newOwner]]);
  const powerful = rows.filter((row) => row.powerful).map((row) => row.name);
  return powerful.includes(newOwner) && !powerful.includes(name);
}
