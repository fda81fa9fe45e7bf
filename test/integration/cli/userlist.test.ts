import { beforeAll, expect, it } from "vitest";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { startCockroachStandIn } from "../../cockroachdb-stand-in/start";
import { cli } from "../../support/cli";
import { query } from "../../support/targets";

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
  const statements = [
    "CREATE ROLE app LOGIN PASSWORD 'pw'",
    `CREATE ROLE "o""brien" LOGIN PASSWORD 'pw'`,
    `CREATE ROLE "two\nlines" LOGIN PASSWORD 'pw'`,
    "CREATE ROLE bare LOGIN",
    "CREATE ROLE retired NOLOGIN PASSWORD 'pw'",
    "CREATE ROLE admin LOGIN CREATEROLE PASSWORD 'pw'",
    "SET password_encryption = 'md5'; CREATE ROLE legacy LOGIN PASSWORD 'pw'",
  ];
  for (const statement of statements) await query(server.url, statement);
  return () => server.stop();
});

const userlist = (...names: string[]) => cli(["userlist", "--url", server.url, ...names]);

/** What PgBouncer reads of a line (its lib/auth_file.c): two strings in double quotes, a double quote in them doubled. */
function read(line: string): [string, string] {
  const [, name = "", hash = ""] = /^"((?:[^"]|"")*)" "((?:[^"]|"")*)"$/.exec(line) ?? [];
  return [name, hash].map((text) => text.replaceAll('""', '"')) as [string, string];
}

async function stored(): Promise<Record<string, string>> {
  const rows = await query<{ name: string; hash: string }>(
    server.url,
    "SELECT rolname AS name, rolpassword AS hash FROM pg_authid",
  );
  return Object.fromEntries(rows.map(({ name, hash }) => [name, hash]));
}

it("has the very hash of everybody who may log in with one, and says who is left out", async () => {
  const { status, out, err } = await userlist();
  const hashes = await stored();
  const lines = out.trimEnd().split("\n").map(read);

  expect(status).toBe(0);
  expect(lines.map(([name]) => name).sort()).toEqual(["admin", "app", "legacy", 'o"brien', "postgres"]);
  for (const [name, hash] of lines) expect(hash).toBe(hashes[name]);
  expect(err).toMatch(/^warning: left out: user "bare" has no password$/m);
  expect(
    err.match(/^warning: user "(\w+)" has an md5 hash, with which PgBouncer lets nobody in where/gm),
  ).toHaveLength(1);
  expect(err).toMatch(/^warning: left out: user "two\\u\{a\}lines" has \\u\{a\} in its name/m);
});

it("has who is named, once each and in that order", async () => {
  const { out } = await userlist("legacy", "app", "legacy");
  expect(
    out
      .trimEnd()
      .split("\n")
      .map((line) => read(line)[0]),
  ).toEqual(["legacy", "app"]);
});

it.each([
  ["has no password", "bare"],
  ["does not exist", "nobody"],
])("prints nothing when one that is named %s", async (_case, name) => {
  const { status, out, err } = await userlist("app", name);
  expect([status, out]).toEqual([2, ""]);
  expect(err).toContain(`"${name}"`);
});

it("says what it takes where hashes cannot be read", async () => {
  const url = server.url.replace("postgres:postgres", "admin:pw");
  const { status, out, err } = await cli(["userlist", "--url", url]);
  expect([status, out]).toEqual([2, ""]);
  expect(err).toMatch(/may not read password hashes .*that takes a superuser/);
});

it("leaves bcrypt out, which PgBouncer does not support (CockroachDB)", async () => {
  const standIn = await startCockroachStandIn(server);
  try {
    await query(
      standIn.url,
      "CREATE USER old PASSWORD 'CRDB-BCRYPT$2a$10$jeDfxx9fI7dDp3p0I3BTGOX2uKjnErlmgf74U0bp9KusDpAVypc1.'",
    );
    const { out, err } = await cli(["userlist", "--url", standIn.url]);
    expect(out).toMatch(/^"root" "SCRAM-SHA-256\$10610:/m);
    expect(err).toMatch(/left out: user "old" has a hash \(bcrypt\) that PgBouncer does not support/);
  } finally {
    await standIn.stop();
  }
});
