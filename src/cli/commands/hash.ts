import { randomBytes } from "node:crypto";
import { InvalidArgumentError, Option } from "commander";
import { setPassword } from "../../database/postgresql/statements";
import { UserError } from "../../errors";
import {
  DEFAULT_ITERATIONS,
  deriveVerifier,
  formatVerifier,
  looksLikeHash,
  type Verifier,
} from "../../scram";
import { decodeBase64 } from "../../scram/base64";
import { checkIterations, MAX_PORTABLE_ITERATIONS } from "../../scram/iterations";
import type { CommandSpec } from "../command-spec";
import { readPassword, warnOfPassword } from "../input/password";
import { helpText } from "../terminal/help";
import { json } from "../terminal/json";
import { STATUS } from "../terminal/status";
import { warn } from "../terminal/warn";
import { impossibleName, unfitForUserlist, unfitName, userlistLine } from "./userlist-line";

interface Options {
  readonly iterations: number;
  readonly salt: Buffer;
  readonly format: "verifier" | "sql" | "json" | "pgbouncer";
  readonly user?: string;
}

/** A password's verifier. */
export const hash: CommandSpec = (program, io, act) => {
  const command = program
    .command("hash")
    .summary("make the verifier of a password")
    .description(
      "Makes the SCRAM-SHA-256 verifier of a password (RFC 5802, RFC 7677), as servers store it. The password is read from standard input (without its final newline), or asked for.",
    )
    .argument("[password]", "not recommended: others can see a command's arguments")
    .option(
      "--iterations <count>",
      `4096 to 1000000; drivers refuse more than ${MAX_PORTABLE_ITERATIONS}`,
      iterationCount,
      DEFAULT_ITERATIONS,
    )
    .option("--salt <base64>", "to get the same verifier again (default: 16 random bytes)", base64)
    .addOption(
      new Option("--format <format>", "what to print")
        .choices(["verifier", "sql", "json", "pgbouncer"])
        .default("verifier"),
    )
    .option("--user <name>", "the user, for the formats sql, pgbouncer and json")
    .addHelpText(
      "after",
      helpText(
        ["Exit status: 0 done, 1 the password is empty, 2 any other mistake or failure."],
        "pulumi-scram hash                              # asks for the password",
        "pulumi-scram hash --iterations 4096 < password.txt",
        "pulumi-scram hash --format sql --user app < password.txt | psql",
      ),
    );
  command.action(
    act(async (given: string | undefined, { iterations, salt = randomBytes(16), format, user }: Options) => {
      if ((format === "sql" || format === "pgbouncer") && user === undefined)
        command.error(`error: the format ${format} needs --user`);
      if (user !== undefined) refuseName(user, format);
      const password = await readPassword(io, given, { twice: true });
      if (password === "") {
        io.err(`error: the password is empty\n\n${command.helpInformation()}`);
        return STATUS.no;
      }
      refuse(password);
      warnOfPassword(io, password);
      if (iterations > MAX_PORTABLE_ITERATIONS)
        warn(io, `drivers refuse more than ${MAX_PORTABLE_ITERATIONS} iterations`);
      const verifier = await deriveVerifier(password, { salt, iterations });
      io.out(FORMATS[format](verifier, user));
      return STATUS.yes;
    }),
  );
};

const FORMATS: Readonly<Record<Options["format"], (verifier: Verifier, user?: string) => string>> = {
  verifier: (verifier) => `${formatVerifier(verifier)}\n`,
  sql: (verifier, user = "") => `${setPassword(user, formatVerifier(verifier))};\n`,
  pgbouncer: (verifier, user = "") => `${userlistLine(user, formatVerifier(verifier))}\n`,
  json: (verifier, user) => {
    const { iterations, salt, storedKey, serverKey } = verifier;
    const parts = Object.entries({ salt, storedKey, serverKey }).map(([key, bytes]) => [
      key,
      bytes.toString("base64"),
    ]);
    return json({
      user,
      verifier: formatVerifier(verifier),
      iterations,
      ...Object.fromEntries(parts),
    });
  },
};

function refuse(password: string): void {
  if (password.includes("\0"))
    throw new UserError(
      "password-nul",
      "the password has a NUL character, which PostgreSQL and libpq take for its end",
    );
  if (looksLikeHash(password))
    throw new UserError("password-is-hash", "this looks like a stored hash, not like a password", {
      hint: "`pulumi-scram inspect` explains it",
    });
}

/** No server has a user without a name, or with one too long. */
function refuseName(user: string, format: Options["format"]): void {
  const judges = {
    sql: unfitName,
    pgbouncer: unfitForUserlist,
    json: impossibleName,
    verifier: impossibleName,
  };
  const unfit = judges[format](user);
  if (unfit !== undefined) throw new UserError("user-name", unfit);
}

/** The argument is not repeated: somebody may have put the password there. */
function iterationCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It takes a whole number.");
  const count = Number(text);
  try {
    checkIterations(count);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new InvalidArgumentError(`The count is out of range: ${error.hint}.`);
  }
  return count;
}

function base64(text: string): Buffer {
  const salt = decodeBase64(text);
  if (salt === undefined || salt.length === 0)
    throw new InvalidArgumentError("It takes base64, with its padding, of at least one byte.");
  return salt;
}
