import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../tools/temporary-folder.mts";
import { cli } from "../../support/cli";

const RULES = `# who   may come
host all app 10.0.0.0/8 scram-sha-256
host all all 10.0.0.0/8 trust
host all batch 10.1.0.0/16 md5
local all all scram-sha-256
`;
const BROKEN = "host all all 300.0.0.1/32 md5\n";

const folder = temporaryFolder("cli");
const file = join(folder, "pg_hba.conf");
afterAll(() => rmSync(folder, { recursive: true }));

describe("hba lint", () => {
  it("names line, column and finding, the lines at most 80 wide", async () => {
    const { status, out, err } = await cli(["hba", "lint"], { input: RULES + BROKEN });
    expect([status, err]).toEqual([1, ""]);
    expect(out).toMatch(/^-:3:\d+: warning: .*\[trust-remote\]$/ms);
    expect(out).toMatch(/^-:4:\d+: warning: .*\[md5-deprecated\]$/ms);
    expect(out).toMatch(/^-:6:\d+: error: /m);
    expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("says nothing of rules that are in order", async () => {
    const input = "local all all scram-sha-256\nhostssl all all all scram-sha-256\n";
    expect(await cli(["hba", "lint", "-"], { input })).toEqual({ status: 0, out: "", err: "" });
  });

  it.each<[string, string[], number]>([
    ["an error", [], 1],
    ["an error", ["--fail-on", "warning"], 1],
    ["an error", ["--fail-on", "never"], 0],
    ["a warning", [], 0],
    ["a warning", ["--fail-on", "error"], 0],
    ["a warning", ["--fail-on", "warning"], 1],
    ["a remark", ["--fail-on", "warning"], 0],
    ["a remark", ["--fail-on", "info"], 1],
  ])("with %s and %o ends with %d", async (worst, options, status) => {
    const inputs: Record<string, string> = {
      "an error": BROKEN,
      "a warning": "host all all 10.0.0.0/8 trust\nlocal all all scram-sha-256\n",
      "a remark": "hostssl all app 10.1.2.3/8 scram-sha-256\nlocal all all scram-sha-256\n",
    };
    const input = inputs[worst] ?? "";
    const { out } = await cli(["hba", "lint", "--json"], { input });
    const severities = JSON.parse(out).findings.map(({ severity }: { severity: string }) => severity);
    const expected = { "an error": "error", "a warning": "warning", "a remark": "info" }[worst];
    expect(severities.sort()[0]).toBe(expected);
    expect((await cli(["hba", "lint", ...options], { input })).status).toBe(status);
  });

  it("--json has the findings as the library gives them", async () => {
    const { out } = await cli(["hba", "lint", "--json"], {
      input: "local all all scram-sha-256\nhost all all 10.0.0.0/8 trust\n",
    });
    expect(JSON.parse(out)).toMatchObject({
      source: "-",
      findings: [{ line: 2, severity: "warning", code: "trust-remote", message: expect.any(String) }],
    });
  });

  it("goes by the product's language", async () => {
    const input = "host all all all cert-password\nlocal all all password\n";
    const ofCockroachdb = await cli(["hba", "lint", "--product", "cockroachdb"], { input });
    const ofPostgres = await cli(["hba", "lint"], { input });
    expect([ofCockroachdb.status, ofPostgres.status]).toEqual([0, 1]);
  });

  it.each([
    ["17", 0],
    ["18", 1],
  ])("and by its version: md5 under PostgreSQL %s", async (version, status) => {
    const input = "local all all scram-sha-256\nhost all all 10.0.0.0/8 md5\n";
    const args = ["hba", "lint", "--product-version", version, "--fail-on", "warning"];
    expect((await cli(args, { input })).status).toBe(status);
  });

  it.each(["postgresql", "cockroachdb"])("says what a byte order mark is (%s)", async (product) => {
    const input = "\ufefflocal all all scram-sha-256\n";
    const { status, out } = await cli(["hba", "lint", "--product", product], { input });
    expect(status).toBe(1);
    expect(out.replaceAll(/\s+/g, " ")).toMatch(/begins with a byte order mark.* save it as UTF-8 without/);
  });

  it("colours what it found where there are colours", async () => {
    const plain = await cli(["hba", "lint"], { input: RULES + BROKEN });
    const colored = await cli(["hba", "lint"], { input: RULES + BROKEN, color: true });
    expect(plain.out).not.toContain("\u001b");
    expect(colored.out).toContain("\u001b[31m");
    expect(colored.out).toContain("\u001b[33m");
  });
});

describe("hba explain", () => {
  const explain = (...args: string[]) => cli(["hba", "explain", ...args], { input: RULES });

  it("walks the rules, and says why each matches or not", async () => {
    const { status, out } = await explain("--user", "app", "--address", "10.1.2.3", "--database", "shop");
    expect(status).toBe(2);
    expect(out).toBe(`user "app" to database "shop", from 10.1.2.3 without TLS:

2         host all app 10.0.0.0/8 scram-sha-256
          yes: connection, address, database and user match
3         host all all 10.0.0.0/8 trust
          not reached
4         host all batch 10.1.0.0/16 md5
          not reached
5         local all all scram-sha-256
          not reached

It depends on what is not known here: Line 2 (\`host all app 10.0.0.0/8
  scram-sha-256\`): the stored hash is not known
`);
  });

  it.each<[string, string[], number, RegExp]>([
    ["trust lets in", ["--user", "ops", "--address", "10.1.2.3"], 0, /The login can succeed: Line 3/],
    ["no rule", ["--user", "app", "--address", "192.0.2.1"], 1, /The login fails: No pg_hba.conf entry/],
    [
      "TCP, for a rule of sockets",
      ["--user", "app", "--address", "192.0.2.1"],
      1,
      /for `local` connections, and this one\s+comes over TCP/,
    ],
    ["a Unix socket", ["--user", "app", "--address", "local"], 2, /over a Unix socket:.*Line 5/s],
  ])("%s", async (_case, args, status, text) => {
    const outcome = await explain(...args);
    expect(outcome.status).toBe(status);
    expect(outcome.out).toMatch(text);
  });

  it.each<[string, string[], string, number]>([
    ["a certificate comes over TLS", ["--certificate", "app"], "hostssl all app all cert\n", 0],
    ["another's certificate", ["--certificate", "ops"], "hostssl all app all cert\n", 1],
    ["no certificate", ["--tls"], "hostssl all app all cert\n", 1],
    ["a member of the group", ["--member-of", "ops"], "host all +ops all trust\n", 0],
    ["a member of two groups", ["--member-of", "dev", "--member-of", "ops"], "host all +ops all trust\n", 0],
    ["who knows of what a member", [], "host all +ops all trust\n", 2],
    ["a standby", ["--replication"], "host replication all all trust\n", 0],
    ["no standby", [], "host replication all all trust\n", 1],
  ])("%s", async (_case, args, input, status) => {
    const login = ["--user", "app", "--address", "10.1.2.3"];
    expect((await cli(["hba", "explain", ...login, ...args], { input })).status).toBe(status);
  });

  it("takes one role with each --member-of, and then the file", async () => {
    writeFileSync(file, "host all +ops all trust\n");
    const login = ["--user", "app", "--address", "10.1.2.3", "--member-of", "ops"];
    expect((await cli(["hba", "explain", ...login, file])).status).toBe(0);
  });

  it("does not decide by a text that the server does not load", async () => {
    const args = ["hba", "explain", "--user", "ops", "--address", "10.1.2.3"];
    const { status, out } = await cli(args, { input: RULES + BROKEN });
    expect(status).toBe(2);
    expect(out.replaceAll(/\s+/g, " ")).toMatch(/PostgreSQL does not load this text \(line 6: .*\)/);
  });

  it("goes by CockroachDB's default where that does, and says so", async () => {
    const args = ["hba", "explain", "--product", "cockroachdb", "--user", "app", "--address", "10.1.2.3"];
    const { out, err } = await cli(args, { input: "host all all all no-such-method\n" });
    expect(out).toMatch(/^built-in {2}host +all all all cert-password/m);
    expect(err).toMatch(/^warning: the server does not go by this text: /);
  });

  it.each([
    ["no user", ["--address", "10.1.2.3"], /required option '--user <name>'/],
    ["no address", ["--user", "app"], /required option '--address <address>'/],
    ["a name for an address", ["--user", "app", "--address", "db.example.com"], /address/],
    ["TLS over a socket", ["--user", "app", "--address", "local", "--tls"], /a Unix socket carries no TLS/],
    [
      "a certificate over a socket",
      ["--user", "app", "--address", "local", "--certificate", "app"],
      /a Unix socket carries no TLS/,
    ],
  ])("%s", async (_case, args, sentence) => {
    const { status, err } = await explain(...args);
    expect(status).toBe(2);
    expect(err).toMatch(sentence);
    expect(err).not.toMatch(/ at .*\.ts/);
  });
});

describe("hba format", () => {
  const FORMATTED = `# who   may come
host  all app   10.0.0.0/8  scram-sha-256
host  all all   10.0.0.0/8  trust
host  all batch 10.1.0.0/16 md5
local all all               scram-sha-256
`;

  it("aligns the columns and leaves the rest", async () => {
    expect(await cli(["hba", "format"], { input: RULES })).toEqual({ status: 0, out: FORMATTED, err: "" });
  });

  it("--check tells, and prints nothing", async () => {
    const texts = [RULES, FORMATTED].map((input) => cli(["hba", "format", "--check"], { input }));
    expect(await Promise.all(texts)).toEqual([
      { status: 1, out: "", err: "" },
      { status: 0, out: "", err: "" },
    ]);
  });

  it.each([
    ["of Windows", "host all  all all trust\r\n# it\r\n\r\n", "host all all all trust\r\n# it\r\n\r\n"],
    [
      "where the last is missing",
      "local all  all trust\r\nlocal x x y",
      "local all all trust\r\nlocal x x y\r\n",
    ],
    ["of both kinds", "local all  all trust\r\nlocal x x y\n", "local all all trust\r\nlocal x x y\n"],
    [
      "of a line that is no rule",
      "local  all\r\nlocal all  all trust\r\n",
      "local  all\r\nlocal all all trust\r\n",
    ],
  ])("keeps the line ends %s", async (_case, input, formatted) => {
    const once = await cli(["hba", "format"], { input });
    expect(once.out).toBe(formatted);
    expect((await cli(["hba", "format", "--check"], { input: formatted })).status).toBe(0);
  });

  it("--write writes the file, and again changes nothing", async () => {
    writeFileSync(file, RULES);
    for (const _time of ["once", "twice"]) {
      expect(await cli(["hba", "format", "--write", file])).toEqual({ status: 0, out: "", err: "" });
      expect(readFileSync(file, "utf8")).toBe(FORMATTED);
    }
  });
});

describe("a password in the rules is not repeated", () => {
  const LDAP = "host all all all ldap ldapserver=x ldapport=636";
  it.each<[string, "postgresql" | "cockroachdb", string]>([
    ["without its =", "postgresql", `${LDAP} ldapbindpasswd hunter2\n`],
    ["without its =", "cockroachdb", `${LDAP} ldapbindpasswd hunter2\n`],
    ["without its name", "postgresql", `${LDAP} hunter2\n`],
    ["without its name", "cockroachdb", `${LDAP} hunter2 ldapbindpasswd=\n`],
    ["under another name", "postgresql", `${LDAP} ldapbindpassword=hunter2\n`],
    ["under another name", "cockroachdb", `${LDAP} ldapbindpassword=hunter2\n`],
    ["under a name in capitals", "cockroachdb", `${LDAP} LDAPBindPasswd=hunter2\n`],
    ["of RADIUS", "postgresql", "host all all all radius radiusservers=127.0.0.1 radiussecret=hunter2\n"],
    ["of RADIUS", "cockroachdb", "host all all all radius radiussecret hunter2\n"],
  ])("%s, on %s", async (_case, product, input) => {
    const lint = await cli(["hba", "lint", "--product", product], { input });
    const login = ["--user", "app", "--address", "10.1.2.3", "--tls"];
    const explain = await cli(["hba", "explain", "--product", product, ...login], { input });
    expect(lint.status).toBe(1);
    for (const { out, err } of [lint, explain]) expect(out + err).not.toContain("hunter2");
  });
});

describe("options that say nothing, or two things, are refused", () => {
  const login = ["--user", "app", "--address", "10.1.2.3"];
  it.each<[string, string[], RegExp]>([
    ["no version", ["lint", "--product-version", "newest"], /It takes a version, such as 16 or v24\.3/],
    ["a version of more", ["lint", "--product-version", "16 or so"], /It takes a version/],
    [
      "--check and --write",
      ["format", "--check", "--write"],
      /'--write' cannot be used with option '--check'/,
    ],
    [
      "the product of a server that says it itself",
      ["lint", "--live", "--product", "cockroachdb"],
      /cannot be used with option '--live'/,
    ],
    [
      "the version of a server that says it itself",
      ["lint", "--url", "postgresql://db.invalid", "--product-version", "16"],
      /cannot be used with option '--url/,
    ],
    [
      "the groups of a user that the server knows",
      ["explain", "--live", ...login, "--member-of", "ops"],
      /cannot be used with option '--live'/,
    ],
  ])("%s", async (_case, args, sentence) => {
    const { status, out, err } = await cli(["hba", ...args], { input: RULES });
    expect([status, out]).toEqual([2, ""]);
    expect(err).toMatch(sentence);
  });

  it.each(["16", "16.2", "v24.3", "v24.3.1", "18beta1", "v25.1.0-alpha.2"])(
    "%s is a version",
    async (version) => {
      expect((await cli(["hba", "lint", "--product-version", version], { input: RULES })).status).toBe(0);
    },
  );
});

describe("a source that is none", () => {
  it.each<[string, string[], RegExp]>([
    ["no such file", [join(folder, "none")], /cannot read .*none \[ENOENT\]/],
    ["a folder", [folder], /cannot read .* \[EISDIR\]/],
    [
      "a file and a server",
      [file, "--url", "postgresql://db.invalid"],
      /give a file, or --live or --url, not both/,
    ],
    ["--write without a file", ["--write"], /--write takes a file/],
  ])("%s", async (_case, args, sentence) => {
    const { status, out, err } = await cli(["hba", "format", ...args], { input: "" });
    expect([status, out]).toEqual([2, ""]);
    expect(err).toMatch(sentence);
  });
});
