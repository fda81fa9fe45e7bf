import { dirname, join } from "node:path";
import pg from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { createAuthority } from "../../support/certificates";
import { cli } from "../../support/cli";
import { query } from "../../support/targets";

const RULES = `# For these tests.
host      all      postgres  127.0.0.1/32   scram-sha-256
local     all      all                      scram-sha-256
hostssl   all      secure    all            scram-sha-256
hostnossl all      secure    all            reject
host      all      legacy    127.0.0.1/32   scram-sha-256
host      shop     app       127.0.0.1/32   scram-sha-256
host      all      app       127.0.0.1/32   reject
host      all      trusted   127.0.0.1/32   trust
host      all      +staff    samehost       md5
host      sameuser own       all            password
host      all      far       10.0.0.0/8     scram-sha-256
host      all      /^odd     127.0.0.0/8    scram-sha-256
host      all      bare,gone,off all        scram-sha-256
`;

let server: PostgresServer;

beforeAll(async () => {
  const { cert, key } = createAuthority().issueServer("localhost");
  const files = { "server.crt": cert, "server.key": key, "pg_hba.conf": RULES };
  server = await startPostgres({ ssl: "on", unix_socket_directories: "." }, files);
  const names = ["secure", "app", "trusted", "own", "far", '"odd one"', "staffed", "off"];
  const statements = [
    ...names.map((name) => `CREATE ROLE ${name} LOGIN PASSWORD 'pw'`),
    "ALTER ROLE off NOLOGIN",
    "CREATE ROLE staff",
    "GRANT staff TO staffed",
    "CREATE ROLE bare LOGIN",
    "CREATE ROLE gone LOGIN PASSWORD 'pw' VALID UNTIL '2020-01-01'",
    "SET password_encryption = 'md5'; CREATE ROLE legacy LOGIN PASSWORD 'pw'",
    "SET password_encryption = 'md5'; CREATE ROLE clerk LOGIN PASSWORD 'pw' IN ROLE staff",
    "CREATE DATABASE shop",
    "CREATE DATABASE own",
  ];
  for (const statement of statements) await query(server.url, statement);
  return () => server.stop();
});

interface Login {
  readonly user: string;
  readonly database?: string;
  readonly by?: "tcp" | "tls" | "socket";
}

/** Whether a client with the right password really gets in. */
async function getsIn({ user, database = "postgres", by = "tcp" }: Login): Promise<boolean> {
  const client = new pg.Client({
    host: by === "socket" ? join(dirname(server.logFile), "data") : "127.0.0.1",
    port: server.port,
    user,
    password: "pw",
    database,
    ssl: by === "tls" && { rejectUnauthorized: false },
  });
  try {
    await client.connect();
    return true;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

describe("hba explain says what a real login meets", () => {
  it.each<[string, Login, boolean, RegExp]>([
    ["TLS where it is asked for", { user: "secure", by: "tls" }, true, /Line 4 /],
    ["no TLS where it is asked for", { user: "secure" }, false, /Line 5 /],
    ["md5 under SCRAM", { user: "legacy" }, false, /stored hash of `legacy` is md5/],
    ["the database of the rule", { user: "app", database: "shop" }, true, /Line 7 /],
    ["another database", { user: "app" }, false, /Line 8 /],
    ["another database, by the socket", { user: "app", by: "socket" }, true, /Line 3 /],
    ["trust", { user: "trusted" }, true, /Line 9 /],
    ["a member", { user: "staffed" }, true, /Line 10 /],
    ["a member with md5 under md5", { user: "clerk" }, true, /Line 10 /],
    ["a member with md5, by the socket", { user: "clerk", by: "socket" }, false, /Line 3 /],
    ["a database of its own", { user: "own", database: "own" }, true, /Line 11 /],
    ["a database of another", { user: "own", database: "shop" }, false, /No pg_hba.conf entry/],
    ["a rule for another network", { user: "far" }, false, /No pg_hba.conf entry/],
    ["a regular expression", { user: "odd one" }, true, /Line 13 /],
    ["no password", { user: "bare" }, false, /`bare` has no password/],
    ["an expired password", { user: "gone" }, false, /expired/],
    ["NOLOGIN", { user: "off" }, false, /not permitted to log in/],
    ["nobody of that name, where a rule is", { user: "odd two" }, false, /Line 13 /],
  ])("%s", async (_case, login, in_, because) => {
    const { user, database = "postgres", by = "tcp" } = login;
    const address = by === "socket" ? "local" : "127.0.0.1";
    const args = ["--user", user, "--database", database, "--address", address];
    const explained = await cli([
      "hba",
      "explain",
      "--url",
      server.url,
      ...args,
      ...(by === "tls" ? ["--tls"] : []),
    ]);

    expect(await getsIn(login)).toBe(in_);
    expect(explained.status).toBe(in_ ? 0 : 1);
    expect(explained.out.split("\n\n").at(-1)?.replaceAll(/\s+/g, " ")).toMatch(because);
  });
});

it("hba explain does not resolve names, and says that it depends", async () => {
  const input = "host all all db.example.com trust\n";
  const { status, out } = await cli(["hba", "explain", "--user", "app", "--address", "10.1.2.3"], { input });
  expect([status, out]).toEqual([2, expect.stringMatching(/It depends on what is not known here/)]);
});

it("hba lint knows the server's version and its roles", async () => {
  const { out, status } = await cli(["hba", "lint", "--url", server.url, "--fail-on", "warning"]);
  expect(status).toBe(1);
  expect(out).toMatch(new RegExp(`^127.0.0.1:${server.port}:10:\\d+: warning: .*md5`, "m"));
});

it("hba format writes the live rules aligned", async () => {
  const { out, status } = await cli(["hba", "format", "--url", server.url]);
  expect(status).toBe(0);
  expect(out).toMatch(/^# For these tests\.\nhost +all +postgres +127\.0\.0\.1\/32 +scram-sha-256\n/);
});
