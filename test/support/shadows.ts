import pg from "pg";
import type { Name } from "./sql/names";

type Kind = Name["kind"];

/** Per kind of name: the names, and how many objects there are for them. */
export interface Shadows {
  readonly names: Readonly<Record<Kind, ReadonlySet<string>>>;
  readonly objects: Readonly<Record<Kind, number>>;
}

/** Counts in a sequence, which no rollback undoes, and says in the server's log what was called. */
const TRAP = `CREATE SCHEMA trap;
  CREATE SEQUENCE trap.sprung;
  CREATE FUNCTION trap.spring(what text) RETURNS bool LANGUAGE plpgsql SET search_path = pg_catalog AS $$ BEGIN
    PERFORM nextval('trap.sprung');
    RAISE LOG 'sprung by %: %', current_user, what;
    RETURN true;
  END $$;
  CREATE SCHEMA shadows;
  GRANT USAGE ON SCHEMA trap, shadows TO PUBLIC;
  GRANT USAGE ON SEQUENCE trap.sprung TO PUBLIC;`;

/** How often it was. */
export async function sprung(url: string): Promise<number> {
  return withClient(url, async (rows) => {
    const [row] = await rows<{ n: string }>(
      "SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS n FROM trap.sprung",
    );
    return Number(row?.n);
  });
}

/**
 * Makes a schema `shadows` that has something of its own for every name: operators and functions for all types that could
 * match, types for casts, relations. All of them spring the trap.
 *
 * @param url of whoever owns the database
 */
export function shadow(url: string, names: readonly Name[]): Promise<Shadows> {
  const named = (kind: Kind) => new Set(names.filter((name) => name.kind === kind).map(({ name }) => name));
  const wanted = {
    function: named("function"),
    operator: named("operator"),
    type: named("type"),
    relation: named("relation"),
  };
  const [functions, relations, types] = [wanted.function, wanted.relation, wanted.type].map((set) => [
    ...set,
  ]);
  return withClient(url, async (rows) => {
    const make = async (statements: readonly string[]): Promise<number> => {
      for (let i = 0; i < statements.length; i += 500) await rows(statements.slice(i, i + 500).join(";\n"));
      return statements.length;
    };
    const texts = async (text: string, values: unknown[] = []) =>
      (await rows<{ found: string }>(text, values)).map(({ found }) => found);
    await rows(TRAP);
    const near = await texts(NEAR_TYPES, [relations, functions, [...LITERALS, ...(types ?? [])]]);
    const pairs = pairsOf(near, await texts(ALL_TYPES));
    await make(
      pairs.map((pair) =>
        trapFunction({ name: "operand", args: pair, columns: [], returns: "pg_catalog.bool", many: false }),
      ),
    );
    const signatures = await rows<Signature>(SIGNATURES, [functions]);
    const objects = {
      operator: await make(
        [...wanted.operator].flatMap((name) => pairs.map((pair) => trapOperator(name, pair))),
      ),
      function: await make(
        uniqueOf(signatures.flatMap((signature) => variants(signature, near).map(trapFunction))),
      ),
      type: await make(near.map(trapType)),
      relation: await make(await texts(RELATIONS, [relations])),
    };
    await rows("GRANT SELECT ON ALL TABLES IN SCHEMA shadows TO PUBLIC");
    return { names: wanted, objects };
  });
}

/** What a literal or a parameter may be taken for. */
const LITERALS =
  "text name varchar bpchar char bool int2 int4 int8 float4 float8 numeric oid bytea timestamptz interval".split(
    " ",
  );

const POLYMORPHIC = "anyelement anynonarray anyarray anycompatible anycompatiblenonarray anycompatiblearray"
  .split(" ")
  .map((name) => `pg_catalog.${name}`);

const CATALOG = "'pg_catalog'::regnamespace";

const ALL_TYPES = `SELECT 'pg_catalog.' || quote_ident(typname) AS found FROM pg_type
  WHERE typnamespace = ${CATALOG} AND typtype = 'b' AND typcategory <> 'A' AND typname NOT LIKE 'pg\\_%'`;

/** Those of the columns of the relations, of the arguments and results of the functions, and of literals. */
const NEAR_TYPES = `WITH near (type) AS (
    SELECT atttypid FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
    WHERE attnum > 0 AND relnamespace = ${CATALOG} AND relname = ANY ($1)
    UNION SELECT unnest(proargtypes::oid[] || prorettype) FROM pg_proc WHERE pronamespace = ${CATALOG} AND proname = ANY ($2)
    UNION SELECT oid FROM pg_type WHERE typnamespace = ${CATALOG} AND typname = ANY ($3))
  SELECT DISTINCT 'pg_catalog.' || quote_ident(e.typname) AS found
  FROM near JOIN pg_type t ON t.oid = type JOIN pg_type e ON e.oid = CASE t.typcategory WHEN 'A' THEN t.typelem ELSE t.oid END
  WHERE e.typtype = 'b' AND e.typname NOT LIKE 'pg\\_%'`;

interface Signature {
  readonly name: string;
  readonly args: readonly string[];
  /** With their types; none for one result. */
  readonly columns: readonly string[];
  readonly returns: string;
  readonly many: boolean;
}

/**
 * Without those for the server's own code (internal), for no language takes it, "any", and aggregates: a function in the place
 * of one fails the statement instead of being called.
 */
const SIGNATURES = `SELECT quote_ident(proname) AS name, proretset AS many,
    'pg_catalog.' || quote_ident((SELECT typname FROM pg_type WHERE oid = prorettype)) AS returns,
    ARRAY(SELECT 'pg_catalog.' || quote_ident(typname) FROM unnest(proargtypes) WITH ORDINALITY AS a (type, n)
      JOIN pg_type t ON t.oid = type ORDER BY n) AS args,
    ARRAY(SELECT quote_ident(a.name) || ' pg_catalog.' || quote_ident(typname)
      FROM unnest(proallargtypes, proargmodes, proargnames) WITH ORDINALITY AS a (type, mode, name, n)
      JOIN pg_type t ON t.oid = type WHERE mode IN ('o', 't') ORDER BY n) AS columns
  FROM pg_proc WHERE pronamespace = ${CATALOG} AND proname = ANY ($1) AND prokind = 'f'
    AND NOT EXISTS (SELECT FROM unnest(proargtypes) AS type WHERE type IN ('internal'::regtype, 'cstring'::regtype, '"any"'::regtype))`;

/** As views of nothing, which nobody needs a right to read; because of OFFSET no condition is looked at before the trap. */
const RELATIONS = `SELECT format('CREATE VIEW shadows.%I AS SELECT NULL::pg_catalog.xid AS xmin, %s WHERE trap.spring(%L) OFFSET 0', relname,
    string_agg(format('NULL::pg_catalog.%s AS %I', CASE typtype WHEN 'p' THEN 'text[]' ELSE quote_ident(typname) END, attname),
      ', ' ORDER BY attnum), 'the relation ' || relname) AS found
  FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0 JOIN pg_type t ON t.oid = atttypid
  WHERE relnamespace = ${CATALOG} AND relname = ANY ($1) GROUP BY relname`;

type Pair = readonly [left: string, right: string];

/** One side near, the other any; arrays of one kind; what takes everything. */
function pairsOf(near: readonly string[], all: readonly string[]): readonly Pair[] {
  const scalar = all.flatMap((left) =>
    all.filter((right) => near.includes(left) || near.includes(right)).map((right): Pair => [left, right]),
  );
  const arrays = near.map((type): Pair => [`${type}[]`, `${type}[]`]);
  return [...scalar, ...arrays, ...POLYMORPHIC.flatMap((l) => POLYMORPHIC.map((r): Pair => [l, r]))];
}

/** The signature itself, and each with another type in the place of one argument. */
function variants(signature: Signature, near: readonly string[]): Signature[] {
  const { args, returns } = signature;
  // What takes everything already stands for all of them.
  if ([...args, returns].some((type) => type.startsWith("pg_catalog.any"))) return [signature];
  return [
    signature,
    ...args.flatMap((_, i) => near.map((type) => ({ ...signature, args: args.with(i, type) }))),
  ];
}

function trapFunction({ name, args, columns, returns, many }: Signature): string {
  const all = [...args, ...columns.map((column) => `OUT ${column}`)].join(", ");
  const row = columns.length === 1 ? columns[0]?.split(" ").at(-1) : "pg_catalog.record";
  const result = `${many ? "SETOF " : ""}${columns.length > 0 ? row : returns}`;
  const isEmpty = columns.length > 0 || many || returns === "pg_catalog.void";
  const answer = isEmpty ? "RETURN" : "RETURN NULL";
  const what = pg.escapeLiteral(`${name}(${args.join(", ")})`);
  return `CREATE FUNCTION shadows.${name}(${all}) RETURNS ${result} LANGUAGE plpgsql
    AS $$ BEGIN PERFORM trap.spring(${what}); ${answer}; END $$`;
}

function trapOperator(name: string, [left, right]: Pair): string {
  return `CREATE OPERATOR shadows.${name} (LEFTARG = ${left}, RIGHTARG = ${right}, FUNCTION = shadows.operand)`;
}

function trapType(type: string): string {
  return `CREATE DOMAIN ${type.replace("pg_catalog", "shadows")} AS ${type} CHECK (trap.spring('the type ${type}'))`;
}

/** Of those for the same arguments, one. */
function uniqueOf(statements: readonly string[]): string[] {
  return [...new Map(statements.map((text) => [text.split(" RETURNS ")[0], text])).values()];
}

type Rows = <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>;

async function withClient<T>(url: string, work: (rows: Rows) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, options: "-c search_path=pg_catalog" });
  await client.connect();
  try {
    return await work(async (text, values) => (await client.query(text, values)).rows);
  } finally {
    await client.end();
  }
}
