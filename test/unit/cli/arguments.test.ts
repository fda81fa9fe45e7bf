import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { cli } from "../../support/cli";

const COMMANDS = [
  "hash",
  "verify",
  "inspect",
  "probe",
  "users",
  "userlist",
  "hba lint",
  "hba explain",
  "hba format",
];

it.each(COMMANDS)("%s --help has an example, in 80 columns", async (command) => {
  const { status, out, err } = await cli([...command.split(" "), "--help"], { columns: 200 });
  expect([status, err]).toEqual([0, ""]);
  expect(out).toMatch(new RegExp(`Examples?:\n {2}\\$ [^]*pulumi-scram ${command}`));
  expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

it("--help names every command", async () => {
  const { status, out } = await cli(["--help"]);
  expect(status).toBe(0);
  for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^  ${command.split(" ")[0]} `, "m"));
});

it.each([[["verify", "--help"]], [["inspect", "--help"]]])("%o: a verifier is a secret too", async (args) => {
  const { out } = await cli(args);
  expect(out.replaceAll(/\s+/g, " ")).toMatch(/verifier is a secret too/);
});

it.each([
  ["as a part of the URL", "postgresql://app:hunter2@127.0.0.1:1/", true],
  ["as a parameter", "postgresql://app@127.0.0.1:1/?sslmode=disable&password=hunter2", true],
  ["as a parameter spelled oddly", "postgresql://127.0.0.1:1/?pass%77ord=hunter2", true],
  ["none", "postgresql://app@127.0.0.1:1/?password=", false],
])("a password in a URL is warned of, and not repeated: %s", async (_case, url, warned) => {
  const users = await cli(["users", "--url", url]);
  const probe = await cli(["probe", url]);
  for (const { status, err } of [users, probe]) {
    expect([status, err.startsWith("warning: the password in ")]).toEqual([2, warned]);
    expect(err).not.toContain("hunter2");
  }
  expect(users.err).toMatch(warned ? /the password in --url is seen/ : /^/);
  expect(probe.err).not.toContain("--url");
});

it("what a server or a file says cannot move the cursor", async () => {
  const { status, err } = await cli(["hba", "lint", "a\u001b[2Jb\u202e"]);
  expect([status, err]).toEqual([2, "pulumi-scram: cannot read a\\u{1b}[2Jb\\u{202e} [ENOENT]\n"]);
  const warned = await cli(["hba", "explain", "--user", "a", "--address", "10.1.2.3"], {
    input: "a\u001b[2Jb\n",
  });
  expect(warned.err).toMatch(/^warning: .*a\\u\{1b\}\[2Jb/);
});

it("--version is the package's", async () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  expect(await cli(["--version"])).toEqual({ status: 0, out: `${version}\n`, err: "" });
});

it.each<[string, string[], RegExp]>([
  ["no command", [], /^Usage: pulumi-scram/],
  ["no subcommand", ["hba"], /^Usage: pulumi-scram hba/],
  ["another command", ["hunter2"], /unknown command\n/],
  ["a command and a half", ["has"], /unknown command\n\(Did you mean hash\?\)/],
  ["another option", ["hash", "--hurry"], /unknown option '--hurry'/],
  ["a password like an option", ["hash", "-hunter2"], /unknown option\n/],
  ["a password after an option's sign", ["verify", "--password=hunter2"], /unknown option\n/],
  ["a password of two words", ["hash", "hunter2", "hunter2"], /too many arguments for 'hash'/],
  ["no argument", ["verify"], /missing required argument 'verifier'/],
])(
  "%s: help on standard error, status 2, and no word of what may be a password",
  async (_case, args, sentence) => {
    const { status, out, err } = await cli(args);
    expect([status, out]).toEqual([2, ""]);
    expect(err).toMatch(sentence);
    expect(err).not.toContain("hunter2");
  },
);
