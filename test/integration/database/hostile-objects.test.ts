import pg from "pg";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { cli } from "../../support/cli";
import { deploy, userProviderFor } from "../../support/engine-side";
import { query } from "../../support/targets";

/** What somebody with a database, or an object, of their own could have a superuser's session do. */

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
  await run(server.url, "CREATE ROLE mallory LOGIN PASSWORD 'pw'", "CREATE DATABASE theirs OWNER mallory");
  return () => server.stop();
});
beforeEach(() => run(server.url, "ALTER ROLE mallory NOSUPERUSER"));

const urlOf = (database: string) => Object.assign(new URL(server.url), { pathname: `/${database}` }).href;

async function run(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** As mallory, who may log in. */
function asMallory(database: string, ...statements: string[]): Promise<void> {
  const url = urlOf(database).replace("postgres:postgres", "mallory:pw");
  return run(url, ...statements);
}

/** What a function does before it answers as the one whose place it takes; for whoever may not, nothing. */
const promoteMallory = (result: string) =>
  `LANGUAGE plpgsql AS $$ BEGIN
     BEGIN ALTER ROLE mallory SUPERUSER; EXCEPTION WHEN OTHERS THEN NULL; END;
     RETURN ${result};
   END $$`;

async function isMallorySuperuser(): Promise<unknown> {
  const [row] = await query(server.url, "SELECT rolsuper FROM pg_authid WHERE rolname = 'mallory'");
  return row?.rolsuper;
}

describe("nobody becomes a superuser by an object that stands where our session looks first", () => {
  it("not by operators in the database of a leaver, whose role is destroyed", async () => {
    const provider = userProviderFor(server.url);
    await run(server.url, "CREATE ROLE new_owner");
    const leaver = await deploy(provider, {
      username: "leaver",
      password: "pw",
      reassignOwnedTo: "new_owner",
    });
    await asMallory(
      "theirs",
      "CREATE TABLE bait ()",
      "GRANT SELECT ON bait TO leaver",
      "CREATE SCHEMA evil",
      "GRANT USAGE ON SCHEMA evil TO PUBLIC",
      ...["text", "name"].flatMap((type) => [
        `CREATE FUNCTION evil.equals(a name, b ${type}) RETURNS bool ${promoteMallory("a::text OPERATOR(pg_catalog.=) b::text")}`,
        `CREATE OPERATOR evil.= (LEFTARG = name, RIGHTARG = ${type}, FUNCTION = evil.equals)`,
      ]),
      "ALTER DATABASE theirs SET search_path = evil, pg_catalog",
    );

    await provider.delete("leaver", leaver);

    expect(await isMallorySuperuser()).toBe(false);
    expect(await query(server.url, "SELECT FROM pg_roles WHERE rolname = 'leaver'")).toEqual([]);
  });

  it("not by an operator in the schema public of the administrator's database, when a role is refreshed", async () => {
    const provider = userProviderFor(server.url);
    const settings = { statement_timeout: "5s" };
    const app = await deploy(provider, { username: "app", password: "pw", settings });
    // Before PostgreSQL 15, everybody had it.
    await run(server.url, "GRANT CREATE ON SCHEMA public TO mallory");
    await asMallory(
      "postgres",
      `CREATE FUNCTION public.equals(a oid, b int4) RETURNS bool ${promoteMallory("a OPERATOR(pg_catalog.=) b::oid")}`,
      "CREATE OPERATOR public.= (LEFTARG = oid, RIGHTARG = int4, FUNCTION = public.equals)",
    );

    await provider.read("app", app);

    expect(await isMallorySuperuser()).toBe(false);
  });

  it("not by a function in their own database, whose users are listed", async () => {
    await asMallory(
      "theirs",
      "CREATE SCHEMA IF NOT EXISTS evil",
      "GRANT USAGE ON SCHEMA evil TO PUBLIC",
      `CREATE FUNCTION evil.current_setting(name text, missing_ok bool) RETURNS text ${promoteMallory("pg_catalog.current_setting(name, missing_ok)")}`,
      "ALTER DATABASE theirs SET search_path = evil, pg_catalog",
    );

    const { status, out } = await cli(["users", "--fail-on", "never", "--url", urlOf("theirs")]);

    expect(out).toContain("mallory");
    expect(status).toBe(0);
    expect(await isMallorySuperuser()).toBe(false);
  });

  it("not by what a leaver has made, when it is given away: whatever can hold code is only handed on", async () => {
    const provider = userProviderFor(server.url);
    await run(server.url, "CREATE ROLE next_owner");
    const maker = await deploy(provider, {
      username: "maker",
      password: "pw",
      reassignOwnedTo: "next_owner",
    });
    await run(server.url, "GRANT CREATE ON DATABASE theirs TO maker");
    await run(
      urlOf("theirs").replace("postgres:postgres", "maker:pw"),
      "CREATE SCHEMA made; SET search_path = made, pg_catalog",
      `CREATE FUNCTION f(i int) RETURNS int IMMUTABLE ${promoteMallory("i")}`,
      `CREATE FUNCTION on_change() RETURNS trigger ${promoteMallory("NEW")}`,
      "CREATE DOMAIN checked AS int CHECK (f(VALUE) > 0)",
      "CREATE TYPE pair AS (a int, b checked)",
      `CREATE TABLE t (id int PRIMARY KEY DEFAULT f(1) CHECK (f(id) > 0), made int GENERATED ALWAYS AS (f(id)) STORED, b checked)`,
      "CREATE INDEX ON t (f(id)) WHERE f(id) > 0",
      "CREATE TRIGGER each BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION on_change()",
      "INSERT INTO t VALUES (1)",
      "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
      "CREATE POLICY its ON t TO maker, mallory USING (f(id) > 0)",
      "CREATE STATISTICS s ON f(id), id FROM t",
      "CREATE VIEW v AS SELECT f(id) FROM t",
      "CREATE RULE r AS ON INSERT TO v DO INSTEAD INSERT INTO t VALUES (f(3))",
      "CREATE MATERIALIZED VIEW m AS SELECT f(id) FROM t",
      "CREATE TABLE parts (i int) PARTITION BY RANGE (f(i))",
      "CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (10)",
      "CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int, FINALFUNC = f)",
      "ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO mallory",
      "GRANT ALL ON t TO mallory WITH GRANT OPTION",
      "SELECT lo_create(0)",
    );

    await provider.delete("maker", maker);

    expect(await isMallorySuperuser()).toBe(false);
    const owner =
      "SELECT DISTINCT relowner::regrole::text AS owner FROM pg_class WHERE relnamespace = 'made'::regnamespace";
    const url = `${urlOf("theirs")}?options=${encodeURIComponent("-c search_path=pg_catalog")}`;
    expect(await query(url, owner)).toEqual([{ owner: "next_owner" }]);
    // It was armed: a superuser who writes into the table is caught.
    await query(url, "INSERT INTO made.t VALUES (2)");
    expect(await isMallorySuperuser()).toBe(true);
  });

  it.each([
    ["an event trigger", "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION pg_catalog.now()"],
    [
      "an operator class",
      "CREATE OPERATOR CLASS pg_temp.o DEFAULT FOR TYPE name USING btree AS OPERATOR 1 <",
    ],
    ["a cast between the server's own types", "CREATE CAST (name AS int4) WITH INOUT AS IMPLICIT"],
    ["a function in pg_catalog", "CREATE FUNCTION pg_catalog.f() RETURNS int RETURN 1"],
    ["a setting for superusers", "ALTER DATABASE theirs SET session_preload_libraries = 'x'"],
  ])("what no schema keeps from us is for superusers to make: %s", async (_what, statement) => {
    await expect(asMallory("theirs", statement)).rejects.toMatchObject({ code: "42501" });
  });
});
