import { readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import type pg from "pg";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Audit, AuditedUser } from "../../../src/audit/users";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { type Certificate, createAuthority } from "../../support/certificates";
import { cli } from "../../support/cli";
import { getsIn } from "../../support/gets-in";
import { serverHas } from "../../support/server-version";
import { query } from "../../support/targets";

/** The operating system's user, for `peer`. */
const ME = userInfo().username;

const TEN = serverHas("regularExpressionsInHba") ? "/^ten" : "ten1";
const INCLUDE = serverHas("includeInHba") ? "include other.conf\n" : "";

/** Nobody but who is meant comes as far as the included file, of which nothing is known. */
const RULES = `host       all         postgres   127.0.0.1/32       scram-sha-256
local      all         "${ME}"    peer
hostssl    all         certified  127.0.0.1/32       cert
host       ${TEN} tenant     127.0.0.1/32       scram-sha-256
host       replication repl       127.0.0.1/32       scram-sha-256
local      replication standby                       scram-sha-256
hostssl    replication certrepl   all                cert
host       replication super      127.0.0.1/32       scram-sha-256
host       all         middle     127.0.0.0/32       reject
host       all         middle     127.255.255.255/32 reject
host       all         middle     127.0.0.0/8        scram-sha-256
host       all         nohash,gonetrust 127.0.0.1/32 trust
host       all         gone,goneold,old,bare,bad,norepl,expiredbare all scram-sha-256
local      all         gone,goneold,old,bare,bad,norepl,expiredbare reject
host       all         far        192.0.2.0/24       scram-sha-256
host       all         all        192.0.2.0/24       reject
host       all         named      localhost          scram-sha-256
host       all         @listed    127.0.0.1/32       scram-sha-256
host       replication norepl     127.0.0.1/32       scram-sha-256
${INCLUDE}`;

let server: PostgresServer;
const certificates = new Map<string, Certificate>();
const dataFolder = () => join(dirname(server.logFile), "data");

beforeAll(async () => {
  const authority = createAuthority();
  const { cert, key } = authority.issueServer("localhost");
  server = await startPostgres(
    { ssl: "on", ssl_ca_file: "ca.crt", unix_socket_directories: "." },
    {
      "server.crt": cert,
      "server.key": key,
      "ca.crt": authority.cert,
      "pg_hba.conf": RULES,
      "other.conf": "host all included 127.0.0.1/32 scram-sha-256\n",
      listed: "listed\n",
    },
  );
  const role = (name: string, rest = "PASSWORD 'pw'") => `CREATE ROLE "${name}" LOGIN ${rest}`;
  const PAST = "VALID UNTIL '2020-01-01 00:00Z'";
  const statements = [
    ...["included", "tenant", "named", "listed", "middle"].map((name) => role(name)),
    role(ME, `PASSWORD 'pw' ${PAST}`),
    role("far", "PASSWORD 'pw' VALID UNTIL '2099-12-31 00:00Z'"),
    role("certified", PAST),
    role("repl", "REPLICATION PASSWORD 'pw'"),
    role("standby", "REPLICATION PASSWORD 'pw'"),
    role("certrepl", "REPLICATION"),
    role("super", "SUPERUSER PASSWORD 'pw'"),
    role("norepl", "PASSWORD 'pw' VALID UNTIL '-infinity'"),
    role("gone", `PASSWORD 'pw' ${PAST}`),
    role("gonetrust", `PASSWORD 'pw' ${PAST}`),
    role("expiredbare", PAST),
    role("bare", "VALID UNTIL '20000-01-01 00:00Z'"),
    `SET password_encryption = 'md5'; ${role("old")}; ${role("goneold", `PASSWORD 'pw' ${PAST}`)}`,
    role("nohash"),
    role("bad"),
    "UPDATE pg_authid SET rolpassword = 'nonsense' WHERE rolname IN ('nohash', 'bad')",
    "CREATE DATABASE ten1",
  ];
  for (const statement of statements) await query(server.url, statement);
  for (const user of ["certified", "certrepl"]) certificates.set(user, authority.issueClient(user));
  return () => server.stop();
}, 60_000);

interface Login {
  readonly database?: string;
  readonly by: "tcp" | "tls" | "certificate" | "socket";
  readonly replication?: boolean;
}

/** Whether a client really gets in, with the right password or its certificate, if it has one. */
function logsIn(user: string, { database = "postgres", by, replication }: Login): Promise<boolean> {
  const certificate = by === "certificate" ? certificates.get(user) : undefined;
  return getsIn({
    host: by === "socket" ? dataFolder() : "127.0.0.1",
    port: server.port,
    user,
    password: "pw",
    database,
    ssl: (by === "tls" || by === "certificate") && { rejectUnauthorized: false, ...certificate },
    ...(replication && { replication: "true" }),
  } as pg.ClientConfig);
}

const EVERYWHERE: Login[] = (["tcp", "tls", "certificate", "socket"] as const).flatMap((by) => [
  { by },
  { by, database: "ten1" },
  { by, replication: true },
]);

async function audit(): Promise<Audit & { err: string }> {
  const { out, err } = await cli(["users", "--json", "--fail-on", "never", "--url", server.url]);
  return { ...JSON.parse(out), err };
}

function userOf({ users }: Audit, name: string): AuditedUser {
  const user = users.find((each) => each.name === name);
  if (user === undefined) throw new Error(`no user ${name}`);
  return user;
}

describe("who really gets in is not said to be locked out, and who is said to be does not get in", () => {
  it.each<[string, boolean, string]>([
    // By a rule that only may match, as far as the audit knows.
    ["included", INCLUDE !== "", "info rules-unknown"],
    ["named", true, "info rules-unknown"],
    ["listed", true, "info rules-unknown"],
    ["far", false, ""],
    // By ways that are easily forgotten.
    ["tenant", true, ""],
    ["repl", true, ""],
    ["standby", true, ""],
    ["certrepl", true, "info no-password"],
    ["super", true, ""],
    ["middle", true, ""],
    // Although the password is expired, or is none.
    ["certified", true, "info no-password"],
    [ME, true, INCLUDE === "" ? "warning expired" : "warning expired, info rules-unknown"],
    ["gonetrust", true, "warning expired, warning trust"],
    ["nohash", true, "warning hash-unknown, warning trust"],
    // Out, and why.
    ["gone", false, "warning expired"],
    ["goneold", false, "warning md5, warning expired, error cannot-log-in"],
    ["expiredbare", false, "error no-password"],
    ["old", false, "warning md5, error cannot-log-in"],
    ["bare", false, "error no-password"],
    ["bad", false, "error hash-unknown"],
    ["norepl", false, "warning expired"],
  ])("%s, in: %s; %s", async (name, really, findings) => {
    const entered: boolean[] = [];
    for (const login of EVERYWHERE) entered.push(await logsIn(name, login));
    expect(entered.includes(true)).toBe(really);
    const found = userOf(await audit(), name).findings.map(({ severity, code }) => `${severity} ${code}`);
    expect(found.join(", ")).toBe(findings);
  });

  it("and the summary counts those that nothing lets in", async () => {
    expect((await audit()).summary.cannotLogIn).toBe(7);
  });
});

it("rules that the server does not load are not held against anybody", async () => {
  const file = join(dataFolder(), "pg_hba.conf");
  const before = readFileSync(file);
  onTestFinished(() => writeFileSync(file, before));
  writeFileSync(file, `host all nobody all scram-sha-256\nhost all all\n`);
  await query(server.url, "SELECT pg_reload_conf()");

  const { users, summary, err } = await audit();
  expect(await logsIn("tenant", { by: "tcp", database: "ten1" })).toBe(true);
  expect(err.match(/does not load.*/g)).toEqual([
    "does not load this text (line 2: end-of-line before IP address specification) and keeps the rules it had before, which are not known here",
  ]);
  expect(users.filter(({ ways }) => ways !== undefined)).toEqual([]);
  expect(users.flatMap(({ findings }) => findings).filter(({ severity }) => severity === "error")).toEqual(
    [],
  );
  expect(summary.cannotLogIn).toBeNull();
});

describe("when a password expires", () => {
  beforeAll(async () => {
    await query(server.url, "ALTER ROLE postgres SET datestyle = 'SQL, DMY'");
    return () => query(server.url, "ALTER ROLE postgres RESET datestyle").then(() => {});
  });

  it.each([
    ["gone", "2020-01-01T00:00:00.000Z", "expired"],
    ["far", "2099-12-31T00:00:00.000Z", "2099-12-31"],
    ["norepl", "-infinity", "expired"],
    ["bare", "20000-01-01T00:00:00.000Z", "20000-01-01"],
    ["old", null, "never"],
  ])("%s: %s, in the table %s, whatever the DateStyle", async (name, validUntil, cell) => {
    expect(userOf(await audit(), name).validUntil).toBe(validUntil);
    const { out } = await cli(["users", "--url", server.url]);
    expect(out).toMatch(new RegExp(`^${name} +\\S+( \\d+)? +${cell} `, "m"));
  });
});
