import { writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { startCockroachStandIn } from "../../cockroachdb-stand-in/start";
import { createAuthority } from "../../support/certificates";
import { cli } from "../../support/cli";
import { getsIn } from "../../support/gets-in";
import { serverHas } from "../../support/server-version";
import { query } from "../../support/targets";

const authority = createAuthority();
const CERTIFICATES = {
  certain: authority.issueClient("certain"),
  pair: authority.issueClient("pair"),
};

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
host      all      bare,gone,off,missing all        scram-sha-256
hostssl   all      certain   all            cert
hostssl   all      pair      all            scram-sha-256 clientcert=verify-full
host      all      six       ::1/128        scram-sha-256
`;

/** A machine may have none. */
const HAS_IPV6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === "::1"),
);

let server: PostgresServer;

beforeAll(async () => {
  const { cert, key } = authority.issueServer("localhost");
  const files = { "server.crt": cert, "server.key": key, "ca.crt": authority.cert, "pg_hba.conf": RULES };
  const settings = { ssl: "on", ssl_ca_file: "ca.crt", unix_socket_directories: "." };
  server = await startPostgres(
    { ...settings, listen_addresses: HAS_IPV6 ? "127.0.0.1,::1" : "127.0.0.1" },
    files,
  );
  const names = [
    "certain",
    "pair",
    "six",
    "secure",
    "app",
    "trusted",
    "own",
    "far",
    '"odd one"',
    "staffed",
    "off",
  ];
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
  readonly by?: "tcp" | "ipv6" | "tls" | "socket";
  /** Of whom it has a certificate. */
  readonly certificate?: keyof typeof CERTIFICATES;
}

/** Whether a client with the right password really gets in. */
function logsIn({ user, database = "postgres", by = "tcp", certificate }: Login): Promise<boolean> {
  const host = {
    socket: join(dirname(server.logFile), "data"),
    ipv6: "::1",
    tcp: "127.0.0.1",
    tls: "127.0.0.1",
  };
  return getsIn({
    host: host[by],
    port: server.port,
    user,
    password: "pw",
    database,
    ssl: by === "tls" && {
      rejectUnauthorized: false,
      ...(certificate !== undefined && CERTIFICATES[certificate]),
    },
  });
}

const REGULAR = serverHas("regularExpressionsInHba");

describe("hba explain says what a real login meets", () => {
  it.each<[string, Login, boolean, RegExp]>([
    ["a certificate", { user: "certain", by: "tls", certificate: "certain" }, true, /Line 15 /],
    ["another's certificate", { user: "certain", by: "tls", certificate: "pair" }, false, /Line 15 /],
    ["no certificate", { user: "certain", by: "tls" }, false, /Line 15 /],
    ["a certificate and a password", { user: "pair", by: "tls", certificate: "pair" }, true, /Line 16 /],
    ["a password and another's", { user: "pair", by: "tls", certificate: "certain" }, false, /Line 16 /],
    ["a password and no certificate", { user: "pair", by: "tls" }, false, /Line 16 /],
    ["IPv4 where IPv6 is asked for", { user: "six" }, false, /No pg_hba.conf entry/],
    ...(HAS_IPV6
      ? ([
          ["IPv6", { user: "six", by: "ipv6" }, true, /Line 17 /],
          ["IPv6 where IPv4 is asked for", { user: "trusted", by: "ipv6" }, false, /No pg_hba.conf entry/],
        ] satisfies [string, Login, boolean, RegExp][])
      : []),
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
    ["a regular expression", { user: "odd one" }, REGULAR, REGULAR ? /Line 13 / : /No pg_hba.conf entry/],
    ["no password", { user: "bare" }, false, /`bare` has no password/],
    ["an expired password", { user: "gone" }, false, /expired/],
    ["NOLOGIN", { user: "off" }, false, /not permitted to log in/],
    ["nobody of that name, where a rule is", { user: "missing" }, false, /Line 14 /],
  ])("%s", async (_case, login, in_, because) => {
    const { user, database = "postgres", by = "tcp", certificate } = login;
    const address = { socket: "local", ipv6: "::1", tcp: "127.0.0.1", tls: "127.0.0.1" }[by];
    const args = ["--user", user, "--database", database, "--address", address];
    const explained = await cli([
      "hba",
      "explain",
      "--url",
      server.url,
      ...args,
      ...(by === "tls" ? ["--tls"] : []),
      ...(certificate === undefined ? [] : ["--certificate", certificate]),
    ]);

    expect(await logsIn(login)).toBe(in_);
    expect(explained.status).toBe(in_ ? 0 : 1);
    expect(explained.out.split("\n\n").at(-1)?.replaceAll(/\s+/g, " ")).toMatch(because);
  });
});

it("hba explain finds a user of CockroachDB however its name is spelled", async () => {
  const standIn = await startCockroachStandIn(server);
  try {
    await query(standIn.url, "CREATE USER \"Shopper\" PASSWORD 'pw'");
    const login = ["--user", "SHOPPER", "--address", "10.1.2.3", "--tls"];
    const { status, out } = await cli(["hba", "explain", "--url", standIn.url, ...login]);
    expect([status, out]).toEqual([0, expect.stringMatching(/The login can succeed/)]);
  } finally {
    await query(standIn.url, "DROP USER shopper");
    await standIn.stop();
  }
});

it("hba explain does not resolve names, and says that it depends", async () => {
  const input = "host all all db.example.com trust\n";
  const { status, out } = await cli(["hba", "explain", "--user", "app", "--address", "10.1.2.3"], { input });
  expect([status, out]).toEqual([2, expect.stringMatching(/It depends on what is not known here/)]);
});

it.runIf(serverHas("md5Deprecated"))("hba lint knows the server's version and its roles", async () => {
  const { out, status } = await cli(["hba", "lint", "--url", server.url, "--fail-on", "warning"]);
  expect(status).toBe(1);
  expect(out).toMatch(new RegExp(`^127.0.0.1:${server.port}:10:\\d+: warning: .*md5`, "m"));
});

it("hba lint goes by the cluster's settings, too", async () => {
  const standIn = await startCockroachStandIn(server);
  try {
    await query(standIn.url, "CREATE USER subjectless PASSWORD 'pw'");
    const rules = "hostssl all subjectless all cert\nhost all all all cert-password\nlocal all all password";
    await query(
      standIn.url,
      `SET CLUSTER SETTING server.host_based_authentication.configuration = '${rules}'`,
    );
    const linted = async () =>
      (await cli(["hba", "lint", "--fail-on", "never", "--url", standIn.url])).out.replaceAll(/\s+/g, " ");
    const noSubject =
      /:1:\d+: warning: `subjectless` can't log in by this rule: `subjectless` has no SUBJECT/;

    expect(await linted()).not.toMatch(noSubject);
    await query(standIn.url, "SET CLUSTER SETTING security.client_cert.subject_required.enabled = true");
    expect(await linted()).toMatch(noSubject);
  } finally {
    await query(standIn.url, "DROP USER subjectless");
    await standIn.stop();
  }
});

it("hba format writes the live rules aligned", async () => {
  const { out, status } = await cli(["hba", "format", "--url", server.url]);
  expect(status).toBe(0);
  expect(out).toMatch(/^# For these tests\.\nhost +all +postgres +127\.0\.0\.1\/32 +scram-sha-256\n/);
});

describe("a file that was edited, and not loaded", () => {
  const EDITED = /^warning: pg_hba\.conf has been changed since the server loaded it: .*$/m;
  const login = ["--user", "trusted", "--database", "postgres", "--address", "127.0.0.1"];
  const asked = () =>
    Promise.all([
      cli(["hba", "explain", "--url", server.url, ...login]),
      cli(["hba", "lint", "--url", server.url]),
      cli(["users", "--url", server.url]),
    ]);

  it("is told from the rules in force, until it is loaded", async () => {
    for (const { err } of await asked()) expect(err).not.toMatch(EDITED);

    // The server knows when a file was changed to the second only.
    await sleep(1100);
    const file = join(dirname(server.logFile), "data", "pg_hba.conf");
    writeFileSync(file, `host all trusted all reject\n${RULES}`);
    const [explained, ...others] = await asked();
    expect(explained.out).toMatch(/The login fails/);
    expect(await logsIn({ user: "trusted" })).toBe(true);
    for (const { err } of [explained, ...others]) expect(err).toMatch(EDITED);

    await query(server.url, "SELECT pg_reload_conf()");
    await vi.waitFor(async () => expect(await logsIn({ user: "trusted" })).toBe(false), 10_000);
    for (const { err } of await asked()) expect(err).not.toMatch(EDITED);
  });
});
