import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Audit, AuditedUser } from "../../../src/audit/users";
import { deriveVerifier, formatVerifier } from "../../../src/scram";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { type RunningStandIn, startCockroachStandIn } from "../../cockroachdb-stand-in/start";
import { createAuthority } from "../../support/certificates";
import { cli } from "../../support/cli";
import { screensOf } from "../../support/screens";
import { query } from "../../support/targets";

const validate = new Ajv2020().compile(JSON.parse(readFileSync("docs/reference/users.schema.json", "utf8")));

async function audit(url: string, ...options: string[]): Promise<Audit & { status: number; err: string }> {
  const { status, out, err } = await cli(["users", "--json", "--fail-on", "never", "--url", url, ...options]);
  const json = JSON.parse(out);
  expect(validate(json), JSON.stringify(validate.errors)).toBe(true);
  return { ...json, status, err };
}

/** A user in one line: hash, what it may come by, what is found. */
function inShort({ hash, iterations, ways, findings }: AuditedUser): [string, string, string] {
  return [
    `${hash} ${iterations ?? ""}`.trim(),
    (ways ?? []).map(({ line, asks, outcome }) => `${line ?? "built-in"} ${asks} ${outcome}`).join(", "),
    findings.map(({ severity, code }) => `${severity} ${code}`).join(", "),
  ];
}

const verifierOf = async (password: string, iterations: number) =>
  formatVerifier(await deriveVerifier(password, { salt: Buffer.alloc(16, 1), iterations }));

describe("PostgreSQL", () => {
  let server: PostgresServer;
  const asAdmin = (name: string) => server.url.replace("postgres:postgres", `${name}:pw`);

  beforeAll(async () => {
    const rules = `# who may come
host all postgres,admin 127.0.0.1/32 scram-sha-256
hostssl all batch 10.0.0.0/8 cert
host all legacy 10.1.0.0/16 md5
host all all 10.0.0.0/8 scram-sha-256
`;
    const authority = createAuthority();
    const { cert, key } = authority.issueServer("localhost");
    server = await startPostgres(
      { ssl: "on", ssl_ca_file: "ca.crt" },
      { "pg_hba.conf": rules, "server.crt": cert, "server.key": key, "ca.crt": authority.cert },
    );
    const statements = [
      "CREATE ROLE admin LOGIN CREATEROLE PASSWORD 'pw'",
      `CREATE ROLE app LOGIN PASSWORD '${await verifierOf("pw", 10_610)}'`,
      `CREATE ROLE slow LOGIN PASSWORD '${await verifierOf("pw", 200_000)}'`,
      "CREATE ROLE plain LOGIN PASSWORD 'pw'",
      "CREATE ROLE analyst LOGIN",
      "CREATE ROLE batch LOGIN",
      "CREATE ROLE gone LOGIN PASSWORD 'pw' VALID UNTIL '2020-01-01 00:00Z'",
      "CREATE ROLE soon LOGIN PASSWORD 'pw' VALID UNTIL '2099-12-31 00:00Z'",
      "CREATE ROLE retired NOLOGIN PASSWORD 'pw'",
      "CREATE ROLE readers NOLOGIN",
      "SET password_encryption = 'md5'; CREATE ROLE legacy LOGIN PASSWORD 'pw'",
      "SET password_encryption = 'md5'; CREATE ROLE old LOGIN PASSWORD 'pw'",
    ];
    for (const statement of statements) await query(server.url, statement);
    return () => server.stop();
  });

  it.each<[string, string, string, string]>([
    ["app", "scram-sha-256 10610", "5 scram-sha-256 succeeds", ""],
    ["plain", "scram-sha-256 4096", "5 scram-sha-256 succeeds", ""],
    ["slow", "scram-sha-256 200000", "5 scram-sha-256 succeeds", "warning iterations-over-drivers"],
    ["legacy", "md5", "4 md5-password succeeds, 5 scram-sha-256 fails", "warning md5, warning not-by-scram"],
    ["old", "md5", "5 scram-sha-256 fails", "warning md5, error cannot-log-in"],
    ["analyst", "none", "5 scram-sha-256 fails", "error no-password"],
    ["batch", "none", "3 certificate succeeds, 5 scram-sha-256 fails", "info no-password"],
    ["gone", "scram-sha-256 4096", "5 scram-sha-256 fails", "warning expired"],
    ["soon", "scram-sha-256 4096", "5 scram-sha-256 succeeds", ""],
    ["retired", "scram-sha-256 4096", "5 scram-sha-256 fails", "info no-login"],
    ["postgres", "scram-sha-256 4096", "2 scram-sha-256 succeeds, 5 scram-sha-256 succeeds", ""],
  ])("%s: %s; %s; %s", async (name, ...expected) => {
    const { users } = await audit(server.url);
    const user = users.find((each) => each.name === name);
    expect(user && inShort(user)).toEqual(expected);
  });

  it("lists disabled users, and groups with --all", async () => {
    const names = async (...options: string[]) =>
      (await audit(server.url, ...options)).users.map((u) => u.name);
    const all = await names("--all");
    expect(all).toContain("readers");
    expect(await names()).toEqual(all.filter((name) => name !== "readers"));
    expect(all).toEqual([...all].sort());
  });

  it("sums up what is left to convert, and who is out", async () => {
    const { summary } = await audit(server.url);
    expect(summary).toEqual({
      users: 12,
      hashes: { "scram-sha-256": 8, md5: 2, none: 2 },
      toConvert: 2,
      cannotLogIn: 3,
    });
  });

  it("shows it on 80 columns, as documented", async () => {
    const { status, out } = await cli(["users", "--url", server.url]);
    expect(status).toBe(1);
    expect(screensOf("docs/reference/command.md").get("pulumi-scram users")).toBe(out);
    expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it.each([
    ["error", 1],
    ["warning", 1],
    ["never", 0],
  ])("--fail-on %s ends with %d here", async (severity, status) => {
    expect((await cli(["users", "--url", server.url, "--fail-on", severity])).status).toBe(status);
  });

  it("says of an administrator with CREATEROLE alone what it cannot see, and guesses nothing", async () => {
    const { users, summary, err } = await audit(asAdmin("admin"));
    expect(err).toMatch(/^warning: this administrator may not read the HBA rules/m);
    expect(err).toMatch(/^warning: this administrator may not read password hashes/m);
    expect(users.map(({ name }) => name)).toContain("app");
    for (const user of users) {
      expect(user.hash).toBe("unreadable");
      expect(user).not.toHaveProperty("ways");
    }
    expect(users.find(({ name }) => name === "gone")).toMatchObject({
      expired: true,
      validUntil: "2020-01-01T00:00:00.000Z",
    });
    expect(summary).toMatchObject({ toConvert: null, cannotLogIn: null });
    const { out } = await cli(["users", "--url", asAdmin("admin")]);
    expect(out).toMatch(/^app +unreadable +never +\?$/m);
    expect(out).toMatch(/hashes unknown, rules unknown$/m);
  });

  it("gives no secret away", async () => {
    const everything = await Promise.all([
      cli(["users", "--url", server.url]),
      cli(["users", "--json", "--all", "--url", server.url]),
    ]);
    const hashes = await query<{ hash: string }>(
      server.url,
      "SELECT rolpassword AS hash FROM pg_authid WHERE rolpassword IS NOT NULL",
    );
    expect(hashes.length).toBeGreaterThan(9);
    const parts = hashes.flatMap(({ hash }) => [
      hash.slice(3, 35),
      ...hash.split(/[$:]/).filter((p) => p.length > 20),
    ]);
    const text = everything.map(({ out, err }) => out + err).join("");
    expect(parts.filter((part) => text.includes(part))).toEqual([]);
  });

  it.each([
    [
      "a wrong password",
      () => asAdmin("admin").replace(":pw@", ":hunter2@"),
      /refused the password of the administrator "admin"/,
    ],
    ["a dead server", () => "postgresql://postgres:hunter2@127.0.0.1:1/postgres", /nothing listens there/],
  ])("%s is one sentence and status 2", async (_case, url, sentence) => {
    const { status, out, err } = await cli(["users", "--url", url()]);
    expect([status, out]).toEqual([2, ""]);
    expect(err).toMatch(sentence);
    expect(err).not.toContain("hunter2");
  });
});

describe("what a PostgreSQL lacks, rules cannot ask for", () => {
  const rules =
    "host all postgres 127.0.0.1/32 scram-sha-256\nhostssl all secure all scram-sha-256\nhostssl all batch all cert\nhost all picky all scram-sha-256 clientcert=verify-ca\n";
  const { cert, key } = createAuthority().issueServer("localhost");

  it.each([
    ["TLS", {}, "no-rule: cannot log in: no rule lets it in"],
    [
      "an ssl_ca_file",
      { ssl: "on" },
      "cannot-log-in: cannot log in: Line 3 (`hostssl all batch all cert`): client certificates can only be checked if a root certificate store is available (`ssl_ca_file` is empty)",
    ],
  ])("without %s", async (_, settings, finding) => {
    const server = await startPostgres(settings, {
      "pg_hba.conf": rules.replace("host all picky", "hostssl all picky"),
      "server.crt": cert,
      "server.key": key,
    });
    onTestFinished(() => server.stop());
    for (const name of ["secure", "batch", "picky"]) {
      await query(server.url, `CREATE ROLE ${name} LOGIN PASSWORD 'pw'`);
    }
    const { users } = await audit(server.url);
    const of = (name: string) => {
      const { findings = [] } = users.find((user) => user.name === name) ?? {};
      return findings.map(({ code, message }) => `${code}: ${message}`);
    };
    expect(of("batch")).toEqual([finding]);
    expect(of("picky")[0]).toMatch(/cannot log in/);
    expect(of("secure")).toEqual("ssl" in settings ? [] : ["no-rule: cannot log in: no rule lets it in"]);

    const lint = await cli(["hba", "lint", "--url", server.url, "--fail-on", "never"]);
    const code = "ssl" in settings ? "no-client-ca" : "ssl-off";
    expect(lint.out.split("\n").filter((line) => line.includes(`[${code}]`)).length).toBeGreaterThan(1);

    const login = [
      "--user",
      "batch",
      "--database",
      "postgres",
      "--address",
      "127.0.0.1",
      "--certificate",
      "batch",
    ];
    const explained = await cli(["hba", "explain", "--url", server.url, ...login]);
    expect([explained.status, explained.out.replaceAll(/\s+/g, " ")]).toEqual([
      1,
      expect.stringMatching("ssl" in settings ? /client certificates can only be checked/ : /answers no TLS/),
    ]);
  });
});

describe.each(["v22.1", "v24.3", "v26.1"] as const)("stand-in for CockroachDB %s", (version) => {
  const BCRYPT = "CRDB-BCRYPT$2a$10$jeDfxx9fI7dDp3p0I3BTGOX2uKjnErlmgf74U0bp9KusDpAVypc1.";
  const cost = version === "v22.1" ? 119_680 : 10_610;
  let postgres: PostgresServer;
  let standIn: RunningStandIn;

  beforeAll(async () => {
    postgres = await startPostgres();
    standIn = await startCockroachStandIn(postgres, { version });
    const scram = await verifierOf("pw", cost);
    const statements = [
      "SET CLUSTER SETTING server.user_login.password_encryption = 'scram-sha-256'",
      `SET CLUSTER SETTING server.host_based_authentication.configuration = '
        host all legacy 10.0.0.0/8 password
        host all strict all scram-sha-256
        host all all all cert-password'`,
      `CREATE USER app PASSWORD '${scram}'`,
      `CREATE USER other PASSWORD '${await verifierOf("pw", 5000)}'`,
      `CREATE USER slow PASSWORD '${await verifierOf("pw", 200_000)}'`,
      `CREATE USER legacy PASSWORD '${BCRYPT}'`,
      `CREATE USER strict PASSWORD '${BCRYPT}'`,
      "CREATE USER analyst",
      `CREATE USER gone PASSWORD '${scram}' VALID UNTIL '2020-01-01'`,
      `CREATE USER retired NOLOGIN PASSWORD '${scram}'`,
      "CREATE ROLE readers",
    ];
    for (const statement of statements) await query(standIn.url, statement);
    return async () => {
      await standIn.stop();
      await postgres.stop();
    };
  });

  const overDrivers = cost > 100_000 ? "warning iterations-over-drivers" : "";
  // Before v22.2.7 a server leaves the cost of a verifier alone, and asks for SCRAM.
  const rehashed = version === "v22.1" ? "scram-sha-256" : "cleartext-password";

  it.each<[string, string, string, string]>([
    ["app", `scram-sha-256 ${cost}`, "4 certificate succeeds, 4 scram-sha-256 succeeds", overDrivers],
    [
      "other",
      "scram-sha-256 5000",
      `4 certificate succeeds, 4 ${rehashed} succeeds`,
      version === "v22.1" ? "" : "warning cleartext-rehashed",
    ],
    [
      "slow",
      "scram-sha-256 200000",
      `4 certificate succeeds, 4 ${rehashed} succeeds`,
      version === "v22.1"
        ? "warning iterations-over-drivers"
        : "warning iterations-over-drivers, warning cleartext-rehashed",
    ],
    [
      "legacy",
      "bcrypt",
      "2 cleartext-password succeeds, 4 certificate succeeds, 4 cleartext-password succeeds",
      "warning bcrypt, warning cleartext",
    ],
    ["strict", "bcrypt", "3 scram-sha-256 fails", "warning bcrypt, error cannot-log-in"],
    ["analyst", "none", "4 certificate succeeds, 4 scram-sha-256 fails", "info no-password"],
    [
      "gone",
      `scram-sha-256 ${cost}`,
      "4 certificate succeeds, 4 scram-sha-256 fails",
      [overDrivers, "warning expired"].filter(Boolean).join(", "),
    ],
    ["retired", `scram-sha-256 ${cost}`, "4 nothing fails", "info no-login"],
  ])("%s: %s; %s; %s", async (name, ...expected) => {
    const { users } = await audit(standIn.url);
    const user = users.find((each) => each.name === name);
    expect(user && inShort(user)).toEqual(expected);
  });

  it.skipIf(version === "v22.1")("knows what else keeps a user out, or lets it in", async () => {
    const statements = [
      "CREATE USER barred PASSWORD 'pw' NOSQLLOGIN",
      "CREATE USER inherits PASSWORD 'pw'; CREATE ROLE machines; GRANT machines TO inherits",
      "GRANT SYSTEM NOSQLLOGIN TO machines",
      "CREATE USER certified SUBJECT 'CN=certified,O=Shop'; CREATE USER uncertified",
      "SET CLUSTER SETTING security.client_cert.subject_required.enabled = true",
      "SET CLUSTER SETTING server.jwt_authentication.enabled = true",
    ];
    for (const statement of statements) await query(standIn.url, statement);
    onTestFinished(async () => {
      await query(standIn.url, "RESET CLUSTER SETTING security.client_cert.subject_required.enabled");
      await query(standIn.url, "RESET CLUSTER SETTING server.jwt_authentication.enabled");
      await query(standIn.url, "DROP USER barred, inherits, certified, uncertified, machines");
    });
    const { users, err } = await audit(standIn.url);
    const of = (name: string) => users.find((user) => user.name === name);
    expect(err).toMatch(/^warning: a login with a JSON Web Token goes round the HBA rules: server.jwt_auth/m);
    for (const name of ["barred", "inherits"]) {
      expect([of(name)?.login, of(name)?.findings.map(({ message }) => message)]).toEqual([
        false,
        ["may not log in (NOLOGIN or NOSQLLOGIN)"],
      ]);
    }
    expect(of("certified")?.findings.map(({ code }) => code)).toEqual(["no-password"]);
    expect(of("uncertified")?.findings.map(({ code }) => code)).toEqual(["no-password"]);
    expect(of("uncertified")?.findings[0]).toMatchObject({ severity: "error" });
  });

  it("whether root may log in, only root knows since v26.1", async () => {
    await query(standIn.url, "CREATE USER helper PASSWORD 'pw'; GRANT admin TO helper");
    onTestFinished(() => query(standIn.url, "DROP USER helper").then(() => undefined));
    const waysOfRoot = async (url: string) => {
      const { users } = await audit(url);
      const outcomes = users.find(({ name }) => name === "root")?.ways?.map(({ outcome }) => outcome);
      return new Set(outcomes);
    };
    const asHelper = standIn.url.replace(/\/\/root:[^@]*@/, "//helper:pw@");
    expect(asHelper).not.toBe(standIn.url);
    expect(await waysOfRoot(standIn.url)).toContain("succeeds");
    expect((await waysOfRoot(asHelper)).has("succeeds")).toBe(version !== "v26.1");
  });

  it("sums up what is left to convert", async () => {
    const { users, summary } = await audit(standIn.url);
    expect(users.map(({ name }) => name)).not.toContain("readers");
    expect(summary).toMatchObject({ toConvert: 2, hashes: { bcrypt: 2 } });
  });

  it("under the default rules, finds nothing of a user in order", async () => {
    const plain = await startCockroachStandIn(postgres, { version });
    onTestFinished(() => plain.stop());
    await query(plain.url, "SET CLUSTER SETTING server.user_login.password_encryption = 'scram-sha-256'");
    await query(plain.url, `CREATE USER sound PASSWORD '${await verifierOf("pw", cost)}'`);
    const { users } = await audit(plain.url);
    expect(users.find(({ name }) => name === "sound")?.findings.map(({ code }) => code)).toEqual(
      version === "v22.1" ? ["iterations-over-drivers"] : [],
    );
    const { out, status } = await cli(["users", "--url", plain.url, "--fail-on", "warning"]);
    expect(out.replaceAll(/\s+/g, " ")).toContain(
      "built-in cert-password (certificate, SCRAM); built-in password (in clear)",
    );
    if (version !== "v22.1") expect(status).toBe(0);
  });
});
