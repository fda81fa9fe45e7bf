import pg from "pg";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { cli } from "../../support/cli";
import { deploy, userProviderFor } from "../../support/engine-side";
import { query } from "../../support/targets";

/** What somebody with a database, or an object, of their own can have a superuser's session do. */

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
    await run(server.url, "CREATE ROLE heir");
    const leaver = await deploy(provider, { username: "leaver", password: "pw", reassignOwnedTo: "heir" });
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
});
