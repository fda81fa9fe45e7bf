import { parseArgs } from "node:util";
import { UserError } from "../user-error.mts";

/** The commands that the demo gives, and their flags. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  "stack init": [],
  "config set": ["secret"],
  preview: ["diff"],
  up: ["yes", "skip-preview"],
  destroy: ["yes", "skip-preview"],
};

/** @throws UserError for what the stand-in does not know */
export function parseCommand(argv: readonly string[]) {
  const options = Object.fromEntries(
    ["non-interactive", ...new Set(Object.values(COMMANDS).flat())].map((name) => [
      name,
      { type: "boolean" as const },
    ]),
  );
  const { values, positionals } = parsed(() =>
    parseArgs({ args: [...argv], options, allowPositionals: true }),
  );
  const length = ["stack", "config"].includes(positionals[0] ?? "") ? 2 : 1;
  const command = positionals.slice(0, length).join(" ");
  const allowed = COMMANDS[command];
  if (allowed === undefined)
    throw new UserError(
      `the stand-in does not know \`${command}\`, only ${Object.keys(COMMANDS).join(", ")}`,
    );
  const flags = new Set(Object.keys(values).filter((name) => name !== "non-interactive"));
  const strange = [...flags].find((flag) => !allowed.includes(flag));
  if (strange !== undefined) throw new UserError(`the stand-in does not know \`${command} --${strange}\``);
  return { command, operands: positionals.slice(length), flags };
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UserError(`the stand-in cannot do this: ${(error as Error).message}`);
  }
}
