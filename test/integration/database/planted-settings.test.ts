import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { resolveTarget } from "../../../src/database/connection/parameters/target";
import type { Database } from "../../../src/database/contract/database";
import { openDatabase } from "../../../src/database/open";
import { Session } from "../../../src/database/session/session";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { serverHas } from "../../support/server-version";
import { query } from "../../support/targets";
import { wireTo } from "../../support/wire";

/** What an owner of the administrator's database can say by ALTER DATABASE … SET, and what our sessions make of it. */

const VERIFIER =
  "SCRAM-SHA-256$4096:pAlYy62NTdETKb291V/Wow==$OXMAj9oD53QucEYVMBcdhRnjg2/S/iZY/88ShZnputA=:r8l4c1pk9bmDi+8an059l/nt9Bg1zb1ikkg+DeRv4UQ=";

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
  for (const role of ["mallory CREATEROLE", "dba CREATEROLE", '"chief dba" CREATEROLE'])
    await sql(`CREATE ROLE ${role}`);
  await sql("CREATE ROLE admin LOGIN CREATEROLE PASSWORD 'pw'");
  await sql('GRANT dba, "chief dba", mallory TO admin');
  await sql("CREATE DATABASE theirs OWNER mallory");
  return () => server.stop();
});
afterEach(async () => {
  await sql("DROP ROLE IF EXISTS app");
  await sql("ALTER DATABASE theirs RESET ALL");
});

const sql = <Row extends pg.QueryResultRow>(text: string) => query<Row>(server.url, text);
const plant = (setting: string) => sql(`ALTER DATABASE theirs SET ${setting}`);

/** Each time another target, so that the connections are new. */
let opened = 0;
function open(user = "postgres:postgres", options = ""): Promise<Database> {
  const url = server.url.replace("postgres:postgres", user).replace(/postgres$/, "theirs");
  const name = `application_name=test${opened++}`;
  return openDatabase(`${url}?${name}&options=${encodeURIComponent(options)}`);
}

async function create(database: Database, validUntil = "2040-01-01T00:00:00Z"): Promise<void> {
  await database.createRole("app", { options: { login: true, validUntil }, verifier: VERIFIER });
}

it("each statement sees what was committed before it, whatever isolation the database's owner says", async () => {
  await plant("default_transaction_isolation = 'serializable'");
  const session = new Session(
    resolveTarget(`${server.url.replace(/postgres$/, "theirs")}?connect_timeout=9`),
  );

  const isolation = await session.run("look", async (client) => {
    return (await client.query<{ transaction_isolation: string }>("SHOW transaction_isolation")).rows;
  });

  expect(isolation).toEqual([{ transaction_isolation: "read committed" }]);
});

it("a verifier is not in pg_stat_activity, which monitors read", async () => {
  const wire = await wireTo(server.url);
  const database = await openDatabase(wire.url);
  const seen: unknown[] = [];
  let looks = 0;
  wire.onStatement(async (_number, statement, when) => {
    if (when !== "after" || !statement.includes("PASSWORD '")) return;
    looks++;
    seen.push(...(await sql("SELECT query FROM pg_stat_activity WHERE query LIKE 'ALTER ROLE%SCRAM%'")));
  });

  await create(database);

  expect({ looks, seen }).toEqual({ looks: 1, seen: [] });
});

describe.runIf(serverHas("limitedCreateRole"))("whom we act as", () => {
  /** Who makes a role administers it. */
  async function creatorOfApp(): Promise<string[]> {
    const rows = await sql<{ creator: string }>(
      "SELECT member::regrole::text AS creator FROM pg_auth_members WHERE roleid = 'app'::regrole",
    );
    return rows.map(({ creator }) => creator);
  }

  it.each(["postgres:postgres", "admin:pw"])(
    "is not for the database's owner to say, to %s",
    async (user) => {
      await plant("role = 'mallory'");

      await create(await open(user));

      expect(await creatorOfApp()).not.toContain("mallory");
    },
  );

  it.each([
    ["admin:pw", "-c role=dba"],
    ["admin:pw", "-c statement_timeout=9s -c role=chief\\ dba"],
    ["postgres:postgres", "--role=dba"],
  ])("is what the connection's options say: %s, %s", async (user, options) => {
    await plant("role = 'mallory'");

    await create(await open(user, options));

    expect(await creatorOfApp()).toEqual([options.includes("chief") ? '"chief dba"' : "dba"]);
  });

  it.each(["ALTER ROLE admin", "ALTER ROLE admin IN DATABASE theirs"])(
    "is what the administrator's own settings say: %s",
    async (alter) => {
      await plant("role = 'mallory'");
      await sql(`${alter} SET role = 'dba'`);

      await create(await open("admin:pw"));

      expect(await creatorOfApp()).toEqual(["dba"]);
      await sql(`${alter} RESET ALL`);
    },
  );
});

it.each(["UTC+12", "<Z>+167", "America/New_York"])(
  "a password expires when it is declared to, in a database whose TimeZone is %s",
  async (zone) => {
    await plant(`TimeZone = '${zone}'`);
    const database = await open();

    await create(database, "2040-01-01T00:00:00Z");

    const [row] = await sql(
      "SELECT extract(epoch FROM rolvaliduntil) AS seconds FROM pg_roles WHERE rolname = 'app'",
    );
    expect(Number(row?.seconds) * 1000).toBe(Date.parse("2040-01-01T00:00:00Z"));
    const role = await database.findRole("app");
    expect(role?.options.validUntil).toBe("2040-01-01T00:00:00.000Z");
  },
);

it("a verifier comes into the server's log by no parse tree that the database's owner has printed", async () => {
  for (const tree of ["parse", "rewritten", "plan"]) await plant(`debug_print_${tree} = on`);

  const before = (await logUpToNow()).length;

  await create(await open());

  const log = (await logUpToNow()).slice(before);
  expect(log.includes("parse tree:")).toBe(true);
  const [, , ...secrets] = VERIFIER.split(/[$:]/);
  expect(secrets.filter((part) => log.includes(part))).toEqual([]);
});

/** It arrives late: once a mark of our own is in it, so is all that came before. */
async function logUpToNow(): Promise<string> {
  const mark = randomUUID();
  await sql(`SELECT '${mark}'`);
  for (;;) {
    const log = readFileSync(server.logFile, "utf8");
    if (log.includes(mark)) return log;
    await sleep(20);
  }
}
