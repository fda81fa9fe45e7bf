import { Command, CommanderError } from "commander";
import { UserError } from "../errors";
import type { Act, CommandSpec } from "./command-spec";
import { hash } from "./commands/hash";
import { hba } from "./commands/hba";
import { inspect } from "./commands/inspect";
import { probe } from "./commands/probe";
import { userlist } from "./commands/userlist";
import { users } from "./commands/users";
import { verify } from "./commands/verify";
import type { Io } from "./terminal/io";
import { STATUS } from "./terminal/status";

const COMMANDS: readonly CommandSpec[] = [hash, verify, inspect, probe, users, userlist, hba];

/**
 * The command `pulumi-scram`.
 *
 * @param args what was typed after its name
 * @returns the status to end with: 0 yes, 1 no, 2 an error
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let status: number = STATUS.yes;
  const act: Act =
    (work) =>
    async (...given) => {
      status = await work(...given);
    };
  const program = new Command("pulumi-scram")
    .description("SCRAM-SHA-256 verifiers, HBA rules and the users of PostgreSQL and CockroachDB.")
    .version(version())
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      outputError: (text, write) => write(withoutInput(text)),
      getOutHelpWidth: () => Math.min(io.columns, 80),
      getErrHelpWidth: () => Math.min(io.columns, 80),
    })
    .showHelpAfterError("(see --help)")
    .exitOverride();
  for (const command of COMMANDS) command(program, io, act);
  program.addHelpText(
    "after",
    "\nExit status: 0 yes, or nothing found; 1 no, or something found; 2 an error.\nMore: docs/reference/command.md",
  );
  try {
    await program.parseAsync([...args], { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? STATUS.yes : STATUS.trouble;
    if (!(error instanceof UserError)) throw error;
    io.err(`pulumi-scram: ${error.message}\n`);
    return STATUS.trouble;
  }
}

/** Commander repeats what it does not understand, which may be a password. Options are spelled like options. */
function withoutInput(text: string): string {
  return text
    .replace(/(but got \d+):.*/s, "$1\n")
    .replace(/(option '[^']*') argument '.*' is invalid\. /s, "$1: ")
    .replace(/(unknown command) '.*'/s, "$1")
    .replace(/(unknown option) '(?!--[a-z-]+'\n).*'/s, "$1");
}

function version(): string {
  return (require("../../package.json") as { version: string }).version;
}
