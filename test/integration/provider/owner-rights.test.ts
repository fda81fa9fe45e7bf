import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { deploy, userProviderFor } from "../../support/engine-side";
import { serverHas } from "../../support/server-version";
import { query } from "../../support/targets";
import { wireTo } from "../../support/wire";

/**
 * What `reassignOwnedTo` hands over that acts with the rights of its owner: a leaver may have left it behind for an accomplice,
 * who then acts as the new owner.
 */
let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
  await query(server.url, "CREATE ROLE accomplice LOGIN PASSWORD 'pw'");
  return () => server.stop();
});

const name = (stem: string) => `${stem}_${randomUUID().slice(0, 8)}`;
const urlOf = (database: string, user = "postgres", password = "postgres") =>
  Object.assign(new URL(server.url), { pathname: `/${database}`, username: user, password }).href;
const sql = (text: string) => query(server.url, text);

/** A database in which `left_behind.who(…)` keeps as whom it is called, and only the new owner may write into `of_new_owner`. */
async function databaseWith(leaver: string, newOwner: string): Promise<string> {
  const database = name("db");
  await sql(`CREATE DATABASE ${database}`);
  await query(
    urlOf(database),
    `CREATE TABLE public.called (by text, i int); GRANT ALL ON public.called TO PUBLIC;
     CREATE TABLE public.of_new_owner (i int); ALTER TABLE public.of_new_owner OWNER TO ${newOwner};
     CREATE SCHEMA left_behind AUTHORIZATION ${leaver}; GRANT ALL ON SCHEMA left_behind TO PUBLIC`,
  );
  await query(
    urlOf(database, leaver, "pw"),
    `SET search_path = left_behind;
     CREATE FUNCTION who(i int) RETURNS int LANGUAGE sql VOLATILE
       AS 'INSERT INTO public.called VALUES (current_user, $1); SELECT $1';
     -- Called where nothing may be written, it writes all the same.
     CREATE FUNCTION immutable_who(i int) RETURNS int LANGUAGE plpgsql IMMUTABLE
       AS 'BEGIN RETURN left_behind.who(i); END';
     CREATE FUNCTION on_change() RETURNS trigger LANGUAGE plpgsql
       AS 'BEGIN PERFORM left_behind.who(0); RETURN old; END'`,
  );
  return database;
}

interface Way {
  readonly what: string;
  /** What the leaver makes, and grants to everybody. */
  readonly leaves: string;
  /** What an accomplice does with it, or a superuser in good faith: autovacuum is one. */
  readonly uses: string;
  readonly usedBy?: "a superuser";
  /** As it stands in messages; absent for what does not act with the rights of its owner. */
  readonly named?: string;
}

const WAYS: readonly Way[] = [
  {
    what: "a SECURITY DEFINER function",
    leaves: "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT left_behind.who(1)'",
    uses: "SELECT f()",
    named: "function left_behind.f() (SECURITY DEFINER)",
  },
  {
    what: "a SECURITY DEFINER procedure",
    leaves: "CREATE PROCEDURE p() LANGUAGE sql SECURITY DEFINER AS 'SELECT left_behind.who(1)'",
    uses: "CALL p()",
    named: "function left_behind.p() (SECURITY DEFINER)",
  },
  {
    what: "a view, of what it reads and writes",
    leaves: "CREATE VIEW v AS SELECT * FROM public.of_new_owner; GRANT INSERT ON v TO PUBLIC",
    uses: "INSERT INTO v VALUES (1)",
    named: "view left_behind.v (not security_invoker)",
  },
  {
    what: "a rule, of what it reads and writes",
    leaves: `CREATE TABLE t (i int); GRANT INSERT ON t TO PUBLIC;
      CREATE RULE r AS ON INSERT TO t DO ALSO INSERT INTO public.of_new_owner VALUES (new.i)`,
    uses: "INSERT INTO t VALUES (1)",
    named: "table left_behind.t (a rule)",
  },
  {
    what: "a materialized view",
    leaves: "CREATE MATERIALIZED VIEW m AS SELECT who(1) WITH NO DATA",
    usedBy: "a superuser",
    uses: "REFRESH MATERIALIZED VIEW m",
    named: "materialized view left_behind.m (refreshed with the rights of its owner)",
  },
  {
    what: "an expression in an index",
    leaves: `CREATE TABLE t (i int); INSERT INTO t VALUES (1), (2);
      CREATE INDEX ON t (immutable_who(i))`,
    usedBy: "a superuser",
    uses: "ANALYZE t",
    named: "table left_behind.t (an expression in an index)",
  },
  {
    what: "an expression in statistics",
    leaves: `CREATE TABLE t (i int); INSERT INTO t VALUES (1), (2);
      CREATE STATISTICS s ON (immutable_who(i)), i FROM t`,
    usedBy: "a superuser",
    uses: "ANALYZE t",
    named: "table left_behind.t (an expression in statistics)",
  },
  {
    what: "the subtype_diff of a range type",
    leaves: `CREATE FUNCTION diff(a int, b int) RETURNS float8 LANGUAGE plpgsql IMMUTABLE
        AS 'BEGIN RETURN left_behind.who(a - b); END';
      CREATE TYPE r AS RANGE (subtype = int, subtype_diff = diff); CREATE DOMAIN d AS r;
      CREATE TABLE t (d d); INSERT INTO t VALUES (r(1, 2)), (r(3, 9))`,
    usedBy: "a superuser",
    uses: "ANALYZE t",
    named: "table left_behind.t (a column of a range type)",
  },
  {
    what: "a trigger on rows that a foreign key deletes",
    leaves: `CREATE TABLE pk (id int PRIMARY KEY); CREATE TABLE t (id int REFERENCES pk ON DELETE CASCADE);
      INSERT INTO pk VALUES (1); INSERT INTO t VALUES (1); GRANT SELECT, DELETE ON pk TO PUBLIC;
      CREATE TRIGGER t BEFORE DELETE ON t FOR EACH ROW EXECUTE FUNCTION on_change()`,
    uses: "DELETE FROM pk",
    named: "table left_behind.t (a trigger)",
  },
  {
    what: "a default that a foreign key sets",
    leaves: `CREATE TABLE pk (id int PRIMARY KEY); INSERT INTO pk VALUES (1), (3); GRANT SELECT, DELETE ON pk TO PUBLIC;
      CREATE TABLE t (id int DEFAULT who(3) REFERENCES pk ON DELETE SET DEFAULT); INSERT INTO t VALUES (1)`,
    uses: "DELETE FROM pk WHERE id = 1",
    named: "table left_behind.t (a foreign key that changes its rows)",
  },
  {
    what: "a check of rows that a foreign key changes",
    leaves: `CREATE TABLE pk (id int PRIMARY KEY); INSERT INTO pk VALUES (1); GRANT SELECT, UPDATE ON pk TO PUBLIC;
      CREATE TABLE t (id int REFERENCES pk ON UPDATE CASCADE CHECK (who(id) > 0)); INSERT INTO t VALUES (1)`,
    uses: "UPDATE pk SET id = 2",
    named: "table left_behind.t (a foreign key that changes its rows)",
  },
  {
    what: "a table that others may refer to, by a type with a cast of their own",
    leaves: "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1); GRANT REFERENCES ON t TO PUBLIC",
    uses: `CREATE TYPE c AS (i int);
      CREATE FUNCTION cast_c(c) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN left_behind.who(1); END';
      CREATE CAST (c AS int) WITH FUNCTION cast_c(c) AS IMPLICIT;
      CREATE TABLE refers (id c REFERENCES t); INSERT INTO refers VALUES (row(1))`,
    named: "table left_behind.t (REFERENCES or TRIGGER granted to others)",
  },
  {
    what: "the same, granted on a column",
    leaves:
      "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1); GRANT REFERENCES (id) ON t TO PUBLIC",
    uses: `CREATE TYPE c AS (i int);
      CREATE FUNCTION cast_c(c) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN left_behind.who(1); END';
      CREATE CAST (c AS int) WITH FUNCTION cast_c(c) AS IMPLICIT;
      CREATE TABLE refers (id c REFERENCES t); INSERT INTO refers VALUES (row(1))`,
    named: "table left_behind.t (REFERENCES or TRIGGER granted to others)",
  },
  {
    what: "a table to whose rows, deleted by a foreign key, others may add a trigger",
    leaves: `CREATE TABLE pk (id int PRIMARY KEY); CREATE TABLE t (id int REFERENCES pk ON DELETE CASCADE);
      INSERT INTO pk VALUES (1); INSERT INTO t VALUES (1); GRANT SELECT, DELETE ON pk TO PUBLIC; GRANT TRIGGER ON t TO PUBLIC`,
    uses: "CREATE TRIGGER t BEFORE DELETE ON t FOR EACH ROW EXECUTE FUNCTION on_change(); DELETE FROM pk",
    named: "table left_behind.t (REFERENCES or TRIGGER granted to others)",
  },
  {
    what: "a function",
    leaves: "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT left_behind.who(1)'",
    uses: "SELECT f()",
  },
  ...(serverHas("securityInvoker")
    ? [
        {
          what: "a function in a view",
          leaves: "CREATE VIEW v WITH (security_invoker = on) AS SELECT who(1); GRANT SELECT ON v TO PUBLIC",
          uses: "SELECT * FROM v",
        },
      ]
    : []),
  {
    what: "a check, a default, and an index of the server's functions",
    leaves: `CREATE TABLE t (i int DEFAULT who(1) CHECK (who(i) > 0), name text); CREATE INDEX ON t (lower(name));
      GRANT INSERT ON t TO PUBLIC`,
    uses: "INSERT INTO t VALUES (DEFAULT)",
  },
  {
    what: "a policy",
    leaves: `CREATE TABLE t (i int); INSERT INTO t VALUES (1); GRANT SELECT ON t TO PUBLIC;
      ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (who(i) > 0)`,
    uses: "SELECT * FROM t",
  },
  {
    what: "rows that a foreign key deletes",
    leaves: `CREATE TABLE pk (id int PRIMARY KEY); CREATE TABLE t (id int CHECK (who(id) > 0) REFERENCES pk ON DELETE CASCADE);
      INSERT INTO pk VALUES (1); INSERT INTO t VALUES (1); GRANT SELECT, DELETE ON pk TO PUBLIC`,
    uses: "DELETE FROM pk; SELECT who(1)",
  },
];

const said = vi.spyOn(console, "error").mockImplementation(() => {});
beforeEach(() => said.mockClear());

/** A leaver with a new owner, in whose database is what the leaver made. */
async function given(newOwner: string, leaves: string) {
  const provider = userProviderFor(server.url);
  const leaver = name("leaver");
  const state = await deploy(provider, { username: leaver, password: "pw", reassignOwnedTo: newOwner });
  const database = await databaseWith(leaver, newOwner);
  await query(urlOf(database, leaver, "pw"), `SET search_path = left_behind; ${leaves}`);
  return { leaver, database, isThere: () => roleExists(leaver), drop: () => provider.delete(leaver, state) };
}

async function roleExists(role: string): Promise<boolean> {
  return (await query(server.url, "SELECT FROM pg_roles WHERE rolname = $1", [role])).length > 0;
}

describe("what acts with the rights of the new owner, once it is the owner, is named before", () => {
  it.each(WAYS)("$what", async ({ leaves, uses, usedBy, named }) => {
    const newOwner = name("new_owner");
    await sql(`CREATE ROLE ${newOwner}`);
    const { leaver, database, drop } = await given(newOwner, leaves);

    await drop();

    const lines = said.mock.calls.map(([line]) => line);
    expect(lines).toEqual(
      named === undefined
        ? []
        : [
            `warning: role "${leaver}" leaves to "${newOwner}" what acts with the rights of its owner, from now on those of "${newOwner}": ${named} in database "${database}"`,
          ],
    );
    const user = usedBy === undefined ? (["accomplice", "pw"] as const) : [];
    await query(urlOf(database), "TRUNCATE public.called");
    await query(urlOf(database, ...user), `SET search_path = left_behind; ${uses}`);
    const acted = await query<{ as: string }>(
      urlOf(database),
      `SELECT DISTINCT by AS as FROM called UNION SELECT '${newOwner}' FROM of_new_owner`,
    );
    expect(acted.map((row) => row.as)).toEqual([named === undefined ? "accomplice" : newOwner]);
  });
});

describe("it is not given to a superuser: the leaver would make its accomplice one", () => {
  it.each(WAYS)("$what", async ({ leaves, named }) => {
    const { leaver, database, drop, isThere } = await given("postgres", leaves);

    const dropped = drop();

    if (named === undefined) await dropped;
    else
      await expect(dropped).rejects.toThrow(
        `role "${leaver}" leaves what acts with the rights of its owner, and its new owner "postgres" is a superuser, can become one, or may alter other roles: ${named} in database "${database}"; declare a role without such power`,
      );
    expect(await isThere()).toBe(named !== undefined);
  });

  const FUNCTION = WAYS[0]?.leaves ?? "";

  it.each([
    ["writes the server's files", "IN ROLE pg_write_server_files"],
    ["runs programs on the server", "IN ROLE pg_execute_server_program"],
    ["is a member of a superuser, whose privileges it does not inherit", "NOINHERIT IN ROLE postgres"],
    ["may alter other roles, whose passwords are theirs to set", "CREATEROLE"],
  ])("nor to a role that %s", async (_case, options) => {
    const newOwner = name("new_owner");
    await sql(`CREATE ROLE ${newOwner} ${options}`);
    const { drop, isThere } = await given(newOwner, FUNCTION);
    await expect(drop()).rejects.toThrow(`its new owner "${newOwner}" is a superuser, can become one`);
    expect(await isThere()).toBe(true);
  });

  it("nor is a foreign key, whose check calls a user's cast as the owner of the table", async () => {
    const { drop, isThere } = await given(
      "postgres",
      `CREATE TYPE c AS (i int);
       CREATE FUNCTION cast_c(c) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN left_behind.who(1); END';
       CREATE CAST (c AS int) WITH FUNCTION cast_c(c) AS IMPLICIT;
       CREATE TABLE pk (id int PRIMARY KEY); CREATE TABLE t (id c REFERENCES pk); GRANT INSERT ON t TO PUBLIC`,
    );
    await expect(drop()).rejects.toThrow("table left_behind.t (a foreign key between unlike types)");
    expect(await isThere()).toBe(true);
  });

  it("a leaver that was a superuser itself gains nothing", async () => {
    const { leaver, drop, isThere } = await given("postgres", FUNCTION);
    await sql(`ALTER ROLE ${leaver} SUPERUSER`);
    await drop();
    expect(await isThere()).toBe(false);
  });

  it.each([
    ["that a superuser has installed is no user's", "a superuser", "SELECT", undefined],
    ["of the leaver's may have been changed", "the leaver", "SELECT", /an expression in an index/],
    [
      "takes functions from its owner",
      "the leaver",
      `CREATE OR REPLACE FUNCTION "first"(h public.hstore) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1::text';
       ALTER EXTENSION hstore ADD FUNCTION "first"(public.hstore); CREATE INDEX ON t ("first"(h))`,
      /an expression in an index/,
    ],
  ])("what an extension calls %s", async (_case, by, then, refused) => {
    const { leaver, database, drop, isThere } = await given("postgres", "SELECT");
    await sql(`GRANT CREATE ON DATABASE ${database} TO ${leaver}`);
    const url = urlOf(database, ...(by === "the leaver" ? [leaver, "pw"] : []));
    await query(url, "CREATE EXTENSION hstore SCHEMA public");
    await query(
      urlOf(database, leaver, "pw"),
      `SET search_path = left_behind, public; CREATE TABLE t (h hstore); CREATE INDEX ON t ((h -> 'a')); ${then}`,
    );

    if (refused === undefined) await drop();
    else await expect(drop()).rejects.toThrow(refused);

    expect(await isThere()).toBe(refused !== undefined);
  });

  it.runIf(serverHas("anybodysSubscription"))(
    "nor is a subscription, which somebody else's server may feed",
    async () => {
      const { leaver, database, drop, isThere } = await given("postgres", "SELECT");
      await query(
        urlOf(database),
        `CREATE SUBSCRIPTION feed CONNECTION 'host=elsewhere password=x' PUBLICATION p
       WITH (connect = false, enabled = false, slot_name = NONE); ALTER SUBSCRIPTION feed OWNER TO ${leaver}`,
      );
      await expect(drop()).rejects.toThrow("subscription feed (applied with the rights of its owner)");
      expect(await isThere()).toBe(true);
      await query(urlOf(database), "DROP SUBSCRIPTION feed");
    },
  );

  it("before anything is given away in another database", async () => {
    const { leaver, database, drop } = await given("postgres", FUNCTION);
    const first = name("a_db");
    await sql(`CREATE DATABASE ${first}`);
    await query(urlOf(first), `CREATE TABLE t (); ALTER TABLE t OWNER TO ${leaver}`);

    await expect(drop()).rejects.toThrow(`in database "${database}"`);

    const owner = "SELECT tableowner AS owner FROM pg_tables WHERE tablename = 't'";
    expect(await query(urlOf(first), owner)).toEqual([{ owner: leaver }]);
  });

  it("nor when the leaver, still connected, makes it at the last moment", async () => {
    const wire = await wireTo(server.url);
    const leaver = name("leaver");
    const provider = userProviderFor(wire.url);
    const state = await deploy(provider, { username: leaver, password: "pw", reassignOwnedTo: "postgres" });
    const database = await databaseWith(leaver, "postgres");
    wire.onStatement(async (_number, statement, when) => {
      if (when === "before" && statement.startsWith("REASSIGN OWNED"))
        await query(urlOf(database, leaver, "pw"), `SET search_path = left_behind; ${FUNCTION}`).catch(
          () => {},
        );
    });

    await expect(provider.delete(leaver, state)).rejects.toThrow(
      `may alter other roles: function left_behind.f() (SECURITY DEFINER) in database "${database}"`,
    );

    const owner = "SELECT proowner::regrole::text AS owner FROM pg_proc WHERE proname = 'f'";
    expect(await query(urlOf(database), owner)).toEqual([{ owner: leaver }]);
  });
});

it("of many the first are named, and the others counted", async () => {
  const newOwner = name("new_owner");
  await sql(`CREATE ROLE ${newOwner}`);
  const { drop } = await given(
    newOwner,
    "DO $$BEGIN FOR i IN 1..12 LOOP EXECUTE format('CREATE VIEW v%s AS SELECT 1', i); END LOOP; END$$",
  );
  await drop();
  expect(said.mock.calls[0]?.[0]).toMatch(
    /view left_behind\.v10 \(not security_invoker\) in database "\w+" and 2 more$/,
  );
});

it("an administrator who may not see all of the catalogues is told as well", async () => {
  await sql("CREATE ROLE clerk LOGIN CREATEROLE PASSWORD 'pw'");
  const provider = userProviderFor(urlOf("postgres", "clerk", "pw"));
  const [leaver, newOwner] = [name("leaver"), name("new_owner")];
  await deploy(provider, { username: newOwner, password: "pw" });
  const state = await deploy(provider, { username: leaver, password: "pw", reassignOwnedTo: newOwner });
  await sql(
    `GRANT CREATE ON SCHEMA public TO ${newOwner};
     CREATE FUNCTION public.f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'; ALTER FUNCTION public.f() OWNER TO ${leaver}`,
  );

  await provider.delete(leaver, state);

  expect(said.mock.calls.flat().join()).toMatch(/: function (public\.)?f\(\) \(SECURITY DEFINER\) in/);
});
