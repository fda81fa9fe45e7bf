import { describe, expect, it } from "vitest";
import { parseVerifier, verifyPassword } from "../../../src/scram";
import { cli } from "../../support/cli";
import { PASSWORDS } from "../../support/passwords";

const SALT = "D1nWfUQfRP2HWbVuK19Ntw==";
const SEED =
  "SCRAM-SHA-256$119680:D1nWfUQfRP2HWbVuK19Ntw==$ulRLI4fp/bvJN/oBC3x6Q8daLnPit2eWLvm2sex9vyc=:XHVeRmT8iboSn0KMbIx3nMRrebR2gIbi+qEMnHfJi+I=";
const FEW = ["--iterations", "4096"];

describe("a password becomes its verifier", () => {
  const settings = ["--iterations", "119680", "--salt", SALT];

  it("by standard input", async () => {
    const { status, out } = await cli(["hash", ...settings], { input: "password" });
    expect([status, out]).toEqual([0, `${SEED}\n`]);
  });

  it.each([
    ["as it is", "password", true],
    ["less a final newline", "password\n", true],
    ["less a final newline of Windows", "password\r\n", true],
    ["less one, not two", "password\n\n", false],
    ["with the white space around it", " password ", false],
    ["with the newline before it", "\npassword", false],
  ])("standard input counts %s", async (_case, input, same) => {
    const { out } = await cli(["hash", ...settings], { input });
    expect(out === `${SEED}\n`).toBe(same);
  });

  it("as an argument, with a warning", async () => {
    const { status, out, err } = await cli(["hash", ...settings, "password"]);
    expect([status, out]).toEqual([0, `${SEED}\n`]);
    expect(err).toMatch(/^warning: an argument is seen by whoever lists processes/);
  });

  it("typed twice, unseen", async () => {
    const typed = ["password", "password"];
    const { status, out, err } = await cli(["hash", ...settings], { typed });
    expect([status, out]).toEqual([0, `${SEED}\n`]);
    expect(err).toMatch(/^Password: \nAgain: \n/);
  });

  it.each(PASSWORDS)("%s", async (_label, password) => {
    const { out } = await cli(["hash", ...FEW], { input: password });
    expect(await verifyPassword(password, parseVerifier(out.trimEnd()))).toBe(true);
  });

  it("with another salt each time, and CockroachDB's cost", async () => {
    const outputs = [await cli(["hash"], { input: "pw" }), await cli(["hash"], { input: "pw" })];
    const [a, b] = outputs.map(({ out }) => parseVerifier(out.trimEnd()));
    expect(a?.salt).toHaveLength(16);
    expect(a?.salt.equals(b?.salt as Buffer)).toBe(false);
    expect([a?.iterations, b?.iterations]).toEqual([10_610, 10_610]);
  });
});

describe("the formats", () => {
  const hash = async (...args: string[]) => {
    const settings = ["--salt", SALT, "--iterations", "119680"];
    return (await cli(["hash", ...settings, ...args], { input: "password" })).out;
  };

  it("sql, with names quoted", async () => {
    expect(await hash("--format", "sql", "--user", 'o"brien')).toBe(
      `ALTER ROLE "o""brien" PASSWORD '${SEED}';\n`,
    );
  });

  it("pgbouncer, with names quoted", async () => {
    expect(await hash("--format", "pgbouncer", "--user", 'o"brien')).toBe(`"o""brien" "${SEED}"\n`);
  });

  it("json, with the parts of the verifier", async () => {
    expect(JSON.parse(await hash("--format", "json", "--user", "app"))).toEqual({
      user: "app",
      verifier: SEED,
      iterations: 119_680,
      salt: SALT,
      storedKey: "ulRLI4fp/bvJN/oBC3x6Q8daLnPit2eWLvm2sex9vyc=",
      serverKey: "XHVeRmT8iboSn0KMbIx3nMRrebR2gIbi+qEMnHfJi+I=",
    });
  });
});

describe("what is no password gets a sentence, and nothing on standard output", () => {
  it.each<[string, Parameters<typeof cli>, number, RegExp]>([
    ["empty", [["hash"], { input: "" }], 1, /^error: the password is empty\n\nUsage: pulumi-scram hash/],
    ["a newline alone", [["hash"], { input: "\n" }], 1, /^error: the password is empty/],
    ["an empty argument", [["hash", ""]], 1, /error: the password is empty/],
    ["nothing typed", [["hash"], { typed: [""] }], 1, /error: the password is empty/],
    ["typed differently", [["hash"], { typed: ["s3cret", "s3cre7"] }], 2, /the two passwords differ/],
    ["broken off", [["hash"], { typed: [] }], 2, /no password was given/],
    ["a NUL", [["hash"], { input: "s3cret\0" }], 2, /has a NUL character/],
    ["no UTF-8", [["hash"], { input: Buffer.from([0xff, 0xfe]) }], 2, /the input is not UTF-8/],
    ["a verifier", [["hash"], { input: SEED }], 2, /looks like a stored hash/],
    ["too few iterations", [["hash", "--iterations", "4095"], { input: "s3cret" }], 2, /at least 4096/],
    ["too many", [["hash", "--iterations", "1000001"], { input: "s3cret" }], 2, /1000000/],
    [
      "far too many",
      [["hash", "--iterations", "9".repeat(24)], { input: "s3cret" }],
      2,
      /out of range: use at most/,
    ],
    ["no count", [["hash", "--iterations", "1e4"], { input: "s3cret" }], 2, /It takes a whole number/],
    ["a salt of odd base64", [["hash", "--salt", "AA"], { input: "s3cret" }], 2, /It takes base64/],
    ["an empty salt", [["hash", "--salt", ""], { input: "s3cret" }], 2, /It takes base64/],
    ["sql for nobody", [["hash", "--format", "sql"], { input: "s3cret" }], 2, /needs --user/],
    ["sql for no name", [["hash", "--format", "sql", "--user", ""], { input: "s3cret" }], 2, /name is empty/],
    [
      "sql for a name that the server would cut",
      [["hash", "--format", "sql", "--user", "x".repeat(64)], { input: "s3cret" }],
      2,
      /name is 64 bytes long, and servers take at most 63/,
    ],
    [
      "json for a name of 64 bytes in 32 letters",
      [["hash", "--format", "json", "--user", "ä".repeat(32)], { input: "s3cret" }],
      2,
      /name is 64 bytes long/,
    ],
    ["a line for no name", [["hash", "--format", "pgbouncer", "--user", ""]], 2, /name is empty/],
    [
      "a line for a name of two",
      [["hash", "--format", "pgbouncer", "--user", "a\nb"]],
      2,
      /"a\\u\{a\}b" has \\u\{a\} in its name/,
    ],
    [
      "a salt that is the password",
      [["hash", "--salt", "s3cret"]],
      2,
      /option '--salt <base64>': It takes base64/,
    ],
    [
      "a count that is",
      [["hash", "--iterations", "s3cret"]],
      2,
      /'--iterations <count>': It takes a whole number/,
    ],
    [
      "a format that is",
      [["hash", "--format", "s3cret"]],
      2,
      /'--format <format>': Allowed choices are verifier/,
    ],
    [
      "another format",
      [["hash", "--format", "xml"], { input: "s3cret" }],
      2,
      /Allowed choices are verifier, sql/,
    ],
  ])("%s", async (_case, call, status, sentence) => {
    const outcome = await cli(...call);
    expect(outcome).toMatchObject({ status, out: "" });
    expect(outcome.err).toMatch(sentence);
    expect(outcome.err).not.toContain("s3cre");
    expect(outcome.err).not.toContain("ulRLI4fp");
  });
});

it.each([
  ["that only some prepare", "pässword", /beyond printable ASCII/],
  ["that preparation changes", "pass\u00adword", /changed by SASLprep/],
  ["that preparation refuses", "abc\u05d0def", /SASLprep refuses/],
])("warns of a password %s", async (_case, input, warning) => {
  const { status, err } = await cli(["hash", ...FEW], { input });
  expect(status).toBe(0);
  expect(err).toMatch(warning);
});

it("looks at the options before it asks for the password", async () => {
  const { status, err } = await cli(["hash", "--iterations", "4095"], { typed: ["s3cret", "s3cret"] });
  expect(status).toBe(2);
  expect(err).not.toContain("Password:");
});

it("warns of more iterations than drivers take", async () => {
  const { status, err } = await cli(["hash", "--iterations", "100001"], { input: "pw" });
  expect([status, err]).toEqual([0, expect.stringMatching(/drivers refuse more than 100000 iterations/)]);
});
