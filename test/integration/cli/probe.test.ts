import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { removeFolder, temporaryFolder } from "../../../tools/temporary-folder.mts";
import { startCockroachStandIn } from "../../cockroachdb-stand-in/start";
import { createAuthority } from "../../support/certificates";
import { cli } from "../../support/cli";
import { screensOf } from "../../support/screens";
import { query } from "../../support/targets";

const RULES = `
host    all postgres  all scram-sha-256
local   all all           scram-sha-256
host    all trusted   all trust
host    all nologin   all trust
host    all barred    all reject
host    all clear     all password
host    all legacy    all md5
hostssl all certain all cert
hostssl all encrypted,app all scram-sha-256
host    all scram,nobody,long_salt,many_iterations,"odd name" all scram-sha-256
`;
const authority = createAuthority();
const KEYS = "$ulRLI4fp/bvJN/oBC3x6Q8daLnPit2eWLvm2sex9vyc=:XHVeRmT8iboSn0KMbIx3nMRrebR2gIbi+qEMnHfJi+I=";
const LONG_SALT = `SCRAM-SHA-256$4096:${"A".repeat(32)}${KEYS}`;
const SALT_OF_16 = `SCRAM-SHA-256$10610:pAlYy62NTdETKb291V/Wow==${KEYS}`;

let server: PostgresServer;
const urlOf = (user: string, more = "") =>
  `postgresql://${encodeURIComponent(user)}@127.0.0.1:${server.port}/postgres${more}`;

beforeAll(async () => {
  const { cert, key } = authority.issueServer("db.example.com");
  const files = { "server.crt": cert, "server.key": key, "ca.crt": authority.cert, "pg_hba.conf": RULES };
  server = await startPostgres({ ssl: "on", ssl_ca_file: "ca.crt", unix_socket_directories: "." }, files);
  const names = ["certain", "trusted", "barred", "clear", "encrypted", "scram", '"odd name"'];
  const statements = [
    ...names.map((name) => `CREATE ROLE ${name} LOGIN PASSWORD 'pw'`),
    `CREATE ROLE long_salt LOGIN PASSWORD '${LONG_SALT}'`,
    `CREATE ROLE many_iterations LOGIN PASSWORD '${SALT_OF_16}'`,
    `CREATE ROLE app LOGIN PASSWORD '${SALT_OF_16}'`,
    "CREATE ROLE nologin",
    "SET password_encryption = 'md5'; CREATE ROLE legacy LOGIN PASSWORD 'pw'",
  ];
  for (const statement of statements) await query(server.url, statement);
  return () => server.stop();
});

async function probed(url: string): Promise<Record<string, unknown>> {
  const { out, err } = await cli(["probe", "--json", url]);
  expect(err).toBe("");
  return JSON.parse(out);
}

describe("what is asked at login", () => {
  it.each<[string, string, object]>([
    ["SCRAM", "scram", { asks: "scram-sha-256", iterations: 4096, mayBeMock: true }],
    [
      "SCRAM of nobody, which looks the same",
      "nobody",
      { asks: "scram-sha-256", iterations: 4096, mayBeMock: true },
    ],
    ["SCRAM with a salt that no mock has", "long_salt", { iterations: 4096, mayBeMock: false }],
    ["SCRAM with iterations that no mock has", "many_iterations", { iterations: 10_610, mayBeMock: false }],
    ["SCRAM of an odd name", "odd name", { user: "odd name", asks: "scram-sha-256" }],
    ["md5", "legacy", { asks: "md5-password" }],
    ["the password in clear", "clear", { asks: "cleartext-password" }],
    ["nothing", "trusted", { asks: "nothing" }],
    [
      "nothing, and yet it may not log in",
      "nologin",
      { asks: "refused", reason: expect.stringMatching(/not permitted to log in/) },
    ],
    ["nothing, for it is refused", "barred", { asks: "refused", reason: expect.stringMatching(/rejects/) }],
    [
      "nothing, for no rule is there",
      "stranger",
      { asks: "refused", reason: expect.stringMatching(/no pg_hba/) },
    ],
  ])("%s", async (_case, user, expected) => {
    expect(await probed(urlOf(user, "?sslmode=disable"))).toMatchObject(expected);
  });

  it("is the stored salt", async () => {
    const { salt } = await probed(urlOf("scram"));
    const [row] = await query<{ hash: string }>(
      server.url,
      "SELECT rolpassword AS hash FROM pg_authid WHERE rolname = 'scram'",
    );
    expect(row?.hash).toContain(`$4096:${salt}$`);
  });

  it("over TLS, with channel binding on offer and the certificate's names", async () => {
    expect(await probed(urlOf("encrypted", "?sslmode=require"))).toMatchObject({
      asks: "scram-sha-256",
      mechanisms: ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"],
      tls: {
        protocol: "TLSv1.3",
        subject: "CN=db.example.com",
        validTo: expect.stringMatching(/^20\d\d-\d\d-\d\dT/),
        trusted: false,
      },
    });
  });

  it("over TLS where plain is refused and sslmode leaves it open, as libpq does", async () => {
    expect(await probed(urlOf("encrypted", "?sslmode=allow"))).toMatchObject({
      asks: "scram-sha-256",
      tls: { protocol: "TLSv1.3" },
    });
  });

  it("over a Unix socket", async () => {
    const folder = encodeURIComponent(join(dirname(server.logFile), "data"));
    const url = `postgresql://scram@/postgres?host=${folder}&port=${server.port}`;
    expect(await probed(url)).toMatchObject({ asks: "scram-sha-256", mechanisms: ["SCRAM-SHA-256"] });
  });

  it("of CockroachDB", async () => {
    const standIn = await startCockroachStandIn(server);
    try {
      const url = `postgresql://root@127.0.0.1:${standIn.port}/defaultdb`;
      expect(await probed(url)).toMatchObject({ asks: "scram-sha-256", iterations: 10_610 });
    } finally {
      await standIn.stop();
    }
  });

  it("by the first of several hosts, and that is said", async () => {
    const url = urlOf("scram", "?sslmode=disable").replace("/postgres", ",db.invalid/postgres");
    expect(await probed(url)).toMatchObject({ server: `127.0.0.1:${server.port}`, hosts: 2 });
    expect((await cli(["probe", url])).out).toMatch(/^server {6}127\.0\.0\.1:\d+, the first of 2 hosts$/m);
  });

  describe("of who has a client certificate", () => {
    /** A URL that names these. */
    function withFiles(user: string, { cert, key }: { cert: string; key: string }): string {
      const folder = temporaryFolder("probe");
      onTestFinished(() => removeFolder(folder));
      const [certFile, keyFile] = [join(folder, "a.crt"), join(folder, "a.key")];
      writeFileSync(certFile, cert);
      writeFileSync(keyFile, key, { mode: 0o600 });
      return urlOf(user, `?sslmode=require&sslcert=${certFile}&sslkey=${keyFile}`);
    }

    it("shows it", async () => {
      const url = withFiles("certain", authority.issueClient("certain"));
      expect(await probed(url)).toMatchObject({ asks: "nothing", clientCertificate: true });
      const { out } = await cli(["probe", url]);
      expect(out.replaceAll(/\s+/g, " ")).toMatch(
        /shown the client's certificate \(sslcert\) asks for nothing more: the certificate may have been enough/,
      );
      expect(await probed(`${url}&sslcertmode=disable`)).toMatchObject({
        asks: "refused",
        clientCertificate: false,
      });
    });

    it("says it in a sentence when the server refuses it", async () => {
      const { status, err } = await cli([
        "probe",
        withFiles("certain", createAuthority().issueClient("certain")),
      ]);
      expect([status, err.replaceAll(/\s+/g, " ")]).toEqual([
        2,
        expect.stringMatching(
          /^pulumi-scram: 127\.0\.0\.1:\d+ refuses the certificate of this client \(sslcert\); see the server's log/,
        ),
      ]);
    });
  });

  it("leaves no failed login in the server's log", async () => {
    await probed(urlOf("scram"));
    await query(server.url, "SELECT 'a mark'");
    expect(readFileSync(server.logFile, "utf8")).not.toMatch(
      /password authentication failed for user "scram"/,
    );
  });
});

it("tells a person, on 80 columns, as documented", async () => {
  const [line = "", screen = ""] =
    [...screensOf("docs/reference/command.md")].find(([line]) => line.startsWith("pulumi-scram probe")) ?? [];
  const { status, out } = await cli([
    "probe",
    urlOf("app", "?sslmode=require").replace("/postgres?", "/shop?"),
  ]);

  const ofTheDay = (text: string) => text.replace(/until 20\d\d-\d\d-\d\d/, "until 2027-11-23");
  expect(line).toContain("postgresql://app@db.example.com/shop?sslmode=require");
  expect(status).toBe(0);
  expect(ofTheDay(out).replace(`127.0.0.1:${server.port}`, "db.example.com:5432")).toBe(ofTheDay(screen));
});

describe("no answer is a sentence, and status 2", () => {
  it.each<[string, () => string, number, RegExp]>([
    ["refused", () => urlOf("barred"), 1, /^$/],
    ["nothing listens", () => "postgresql://app@127.0.0.1:1/", 2, /nothing listens there/],
    ["no such host", () => "postgresql://app@db.invalid/", 2, /does not resolve/],
    ["no URL", () => "db.example.com", 2, /that is not a URL; write postgresql:/],
    ["a stranger's certificate", () => urlOf("scram", "?sslmode=verify-full"), 2, /certificate/],
  ])("%s", async (_case, url, status, sentence) => {
    const outcome = await cli(["probe", url()]);
    expect(outcome.status).toBe(status);
    expect(outcome.err).toMatch(sentence);
    expect(outcome.err).not.toMatch(/ at .*:\d+:\d+/);
  });

  it("something else listens", async () => {
    const web = createServer();
    await once(web.listen(0, "127.0.0.1"), "listening");
    const { port } = web.address() as AddressInfo;
    const { status, err } = await cli(["probe", `postgresql://app@127.0.0.1:${port}/?sslmode=disable`]);
    web.close();
    expect([status, err]).toEqual([
      2,
      expect.stringMatching(/127\.0\.0\.1:\d+ does not speak PostgreSQL's protocol/),
    ]);
  });

  it.each([
    ["SSH", "SSH-2.0-OpenSSH_9.6\r\n"],
    ["SMTP", "220 mail.example.com ESMTP\r\n"],
    ["MySQL", `\u004a\0\0\0\n8.0.36\0${"x".repeat(60)}`],
    ["MySQL, whose greeting begins like a no to TLS", `N\0\0\0\n8.0.36\0${"x".repeat(64)}`],
  ])("%s greets first, and is told from PostgreSQL at once", async (_case, greeting) => {
    const stranger = createTcpServer((socket) => socket.on("error", () => {}).write(greeting, "latin1"));
    await once(stranger.listen(0, "127.0.0.1"), "listening");
    const { port } = stranger.address() as AddressInfo;
    for (const sslmode of ["disable", "prefer", "require"]) {
      const begun = performance.now();
      const { status, err } = await cli(["probe", `postgresql://app@127.0.0.1:${port}/?sslmode=${sslmode}`]);
      expect([status, err]).toEqual([2, expect.stringMatching(/does not speak PostgreSQL's protocol/)]);
      expect(performance.now() - begun).toBeLessThan(5000);
    }
    stranger.close();
  });

  it("what says yes to TLS and has none is told in our words, not in OpenSSL's", async () => {
    const stranger = createTcpServer((socket) =>
      socket
        .on("error", () => {})
        .once("data", () => {
          socket.write("S");
          socket.on("data", () => socket.write("this is no TLS"));
        }),
    );
    await once(stranger.listen(0, "127.0.0.1"), "listening");
    const { port } = stranger.address() as AddressInfo;
    const { status, err } = await cli(["probe", `postgresql://app@127.0.0.1:${port}/?sslmode=require`]);
    stranger.close();
    expect([status, err]).toEqual([
      2,
      expect.stringMatching(/answers the TLS handshake with something that is no TLS; check host and port/),
    ]);
  });

  it("a server that says nothing is waited for as long as the URL says, and has been told what it says", async () => {
    let startup = "";
    const mute = createTcpServer((socket) =>
      socket.on("data", (data) => (startup += data.toString("latin1"))),
    );
    await once(mute.listen(0, "127.0.0.1"), "listening");
    const { port } = mute.address() as AddressInfo;
    const parameters = "sslmode=disable&connect_timeout=1&options=--cluster%3Dfoo&application_name=look";
    const begun = performance.now();
    const { status, err } = await cli(["probe", `postgresql://app@127.0.0.1:${port}/?${parameters}`]);
    mute.close();
    expect([status, err]).toEqual([2, expect.stringMatching(/it does not answer in time/)]);
    expect(performance.now() - begun).toBeLessThan(5000);
    expect(startup).toContain("\0options\0--cluster=foo\0");
    expect(startup).toContain("\0application_name\0look\0");
  });

  it("a password in the URL is warned of, and not repeated", async () => {
    const { err } = await cli(["probe", "postgresql://app:hunter2@127.0.0.1:1/"]);
    expect(err).toMatch(/^warning: the password in the URL is seen .*no password is tried$/m);
    expect(err).not.toContain("hunter2");
  });
});
