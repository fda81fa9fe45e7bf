import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { Probe } from "../../../src/database/connection/probe";
import type { AccessFacts } from "../../../src/database/contract/access";
import type { Database } from "../../../src/database/contract/database";
import { UserError } from "../../../src/errors";
import { temporaryFolder } from "../../../tools/temporary-folder.mts";
import { role, scram } from "../../support/audit";
import { cli, type Outcome } from "../../support/cli";
import { hostileText, unprintable } from "../../support/hostile-text";

/** Names, rules and words that others have chosen, before whoever runs the command in a terminal or reads its log. */

const open = vi.hoisted(() => vi.fn());
const ask = vi.hoisted(() => vi.fn());
vi.mock("../../../src/database/open", () => ({ openDatabase: open }));
vi.mock("../../../src/database/connection/probe", () => ({ probeLogin: ask }));

const folder = temporaryFolder("words");
afterAll(() => rmSync(folder, { recursive: true }));

const VERIFIER = `SCRAM-SHA-256$4096:${"A".repeat(22)}==$${"A".repeat(43)}=:${"A".repeat(43)}=`;

/** A server all of whose words are these. */
function serverOf(words: readonly string[]): Database {
  const [name = "", other = name, third = other] = words;
  const own = { user: name, database: other, address: "local", tls: false };
  const roles = words.map((word) =>
    role({ name: word, validUntil: third, memberOf: [other], storedHash: scram(1) }),
  );
  const facts: AccessFacts = {
    roles,
    hashesReadable: true,
    own,
    databases: words,
    context: { version: third },
  };
  const text = `host all "${name}" all scram-sha-256 # ${other}\n${third}\nlocal all ${other} trust`;
  return {
    product: "postgresql",
    server: name,
    user: name,
    hba: { read: async () => ({ text, snapshot: "" }), facts: async () => facts },
    findRole: async (wanted: string) => ({
      name: wanted,
      storedHash: { readable: true, hash: wanted === third ? null : VERIFIER },
    }),
  } as unknown as Database;
}

const COMMANDS: readonly (readonly string[])[] = [
  ["users", "--all"],
  ["userlist"],
  ["hba", "lint", "--live"],
  ["hba", "explain", "--live", "--user", "app", "--address", "10.0.0.1"],
  ["hba", "format", "--live"],
  ["hba", "format", "--live", "--check"],
];
const FOR_MACHINES: readonly (readonly string[])[] = [
  ["users", "--json"],
  ["hba", "lint", "--live", "--json"],
];

const url = ["--url", "postgresql://db"];
const words = fc.array(hostileText, { minLength: 1, maxLength: 3 });

/** Nothing of it is unprintable, but the ends of lines, and the tabs of a text of rules. */
function expectPrintable({ out, err }: Outcome, isText = false): void {
  const text = isText ? out.replaceAll(/\r\n|\t/g, "\n") : out;
  expect(unprintable(text, { lines: true })).toEqual([]);
  expect(unprintable(err, { lines: true })).toEqual([]);
}

describe("of what a server says, nothing is obeyed", () => {
  it.each([...COMMANDS, ...FOR_MACHINES])("%s %s %s %s %s", async (...args) => {
    const command = args.filter((arg) => typeof arg === "string");
    await fc.assert(
      fc.asyncProperty(words, async (said) => {
        open.mockResolvedValue(serverOf(said));
        expectPrintable(await cli([...command, ...url]), command.includes("format"));
      }),
      { numRuns: 200 },
    );
  });

  it("probe", async () => {
    await fc.assert(
      fc.asyncProperty(words, fc.boolean(), async ([a = "", b = a, c = b], json) => {
        const tls = { protocol: a, subject: b, issuer: c, validTo: a, trusted: false };
        const challenge = { asks: "refused", reason: c, sqlstate: a } as const;
        const probed = { server: a, hosts: 1, user: b, database: c, challenge, tls, clientCertificate: true };
        ask.mockResolvedValue(probed satisfies Probe);
        expectPrintable(await cli(["probe", "postgresql://db", ...(json ? ["--json"] : [])]));
      }),
    );
  });

  it("a refusal is cut, too", async () => {
    const challenge = { asks: "refused", reason: "x".repeat(1_000_000) } as const;
    ask.mockResolvedValue({
      server: "a",
      hosts: 1,
      user: "b",
      database: "c",
      challenge,
      tls: undefined,
      clientCertificate: false,
    });
    expect((await cli(["probe", "postgresql://db"])).out.length).toBeLessThan(1_000);
  });

  it("a failure", async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, hostileText, async (problem, hint) => {
        open.mockRejectedValue(new UserError("x", problem, { hint }));
        const outcome = await cli(["users", ...url]);
        expectPrintable(outcome);
        expect(outcome).toMatchObject({ status: 2, err: expect.stringMatching(/^pulumi-scram: .*\n$/) });
      }),
    );
  });
});

describe("nor of what is given", () => {
  it.each<[string, (words: string) => readonly string[]]>([
    ["a text of rules", () => ["hba", "lint"]],
    ["a text of rules", () => ["hba", "explain", "--user", "a", "--address", "local"]],
    ["a user", (word) => ["hba", "explain", "--user", word, "--database", word, "--address", "local"]],
    ["an address", (word) => ["hba", "explain", "--user", word, "--address", word]],
    ["a file", (word) => ["hba", "lint", word]],
    ["an option", (word) => ["hba", `--${word}`]],
    ["a command", (word) => [word]],
    ["a hash", () => ["inspect"]],
    ["a verifier", (word) => ["verify", word]],
    ["a user, for SQL", (word) => ["hash", "--format", "sql", "--user", word]],
    ["a user, for PgBouncer", (word) => ["hash", "--format", "pgbouncer", "--user", word]],
    ["a user, for machines", (word) => ["hash", "--format", "json", "--user", word]],
  ])("%s: %o", async (_case, args) => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (word) => {
        const given = word.replaceAll("\0", "");
        expectPrintable(await cli(args(given), { input: given.toWellFormed() }));
      }),
      { numRuns: 50 },
    );
  });
});

describe("for machines, it is all there", () => {
  it("JSON parses back to the very names", async () => {
    await fc.assert(
      fc.asyncProperty(words, async (said) => {
        open.mockResolvedValue(serverOf(said));
        const { out } = await cli(["users", "--json", ...url]);
        const { server, users } = JSON.parse(out);
        expect([server, users.map(({ name }: { name: string }) => name)]).toEqual([said[0], said]);
      }),
    );
  });

  it("of a user that is given, too", async () => {
    const user = "a\u009b\u202e\u{e0041}b";
    const { out } = await cli(["hash", "--format", "json", "--user", user], { input: "pw" });
    expect(JSON.parse(out).user).toBe(user);
  });

  it.each([
    ["all", []],
    ["this one", ["ok", "a\u009bb"]],
  ])("userlist has names as they are, or not at all: %s", async (_case, names) => {
    open.mockResolvedValue(serverOf(["ok", "a\u009bb", "bare", "Zoë"]));
    const { status, out, err } = await cli(["userlist", ...url, ...names]);
    expect([status, out]).toEqual(
      names.length > 0 ? [2, ""] : [0, `"ok" "${VERIFIER}"\n"Zoë" "${VERIFIER}"\n`],
    );
    expect(err).toMatch(/user "a\\u\{9b\}b" has \\u\{9b\} in its name, which a terminal/);
  });

  it.each([
    [31, [`"${'""'.repeat(31)}" "${VERIFIER}"`, ""]],
    [
      32,
      [
        "",
        `warning: left out: user "${'"'.repeat(32)}" has so many quotes in its name that an older PgBouncer would stop`,
      ],
    ],
  ])("a name of %i quotes does not keep the others from being read", async (count, [line, warning]) => {
    open.mockResolvedValue(serverOf(['"'.repeat(count), "app", "bare"]));
    const { out, err } = await cli(["userlist", ...url]);
    expect(out).toBe(`${line ? `${line}\n` : ""}"app" "${VERIFIER}"\n`);
    expect(err).toContain(warning);
  });

  it("hba format prints a text as it is, or refuses to; the file itself may be written", async () => {
    const text = "host\tall all all reject # a\u202eb\r\n";
    const refused = await cli(["hba", "format"], { input: `# first\r\n${text}` });
    expect(refused).toEqual({
      status: 2,
      out: "",
      err: "pulumi-scram: line 2 of the rules has \\u{202e} in it, which a terminal or a log would obey or not show; give a file and --write to change it in place\n",
    });
    const file = join(folder, "pg_hba.conf");
    writeFileSync(file, text);
    expect(await cli(["hba", "format", "--write", file])).toEqual({ status: 0, out: "", err: "" });
    const fine = await cli(["hba", "format"], { input: text.replace("\u202e", "") });
    expect(fine).toEqual({ status: 0, out: "host all all all reject  # ab\r\n", err: "" });
  });
});
