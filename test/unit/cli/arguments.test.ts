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
