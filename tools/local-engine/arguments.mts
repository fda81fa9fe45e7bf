import { UserError } from "./user-error.mts";

/** The flags of all commands; those with a value take it as `--flag VALUE` or `--flag=VALUE`. */
const FLAGS = {
  "--stack": "value",
  "--cwd": "value",
  "--color": "value",
  "--non-interactive": "switch",
  "--yes": "switch",
  "--skip-preview": "switch",
  "--diff": "switch",
  "--debug": "switch",
  "--expect-no-changes": "switch",
  "--secret": "switch",
  "--show-secrets": "switch",
  "--json": "switch",
} as const;
export type Flag = keyof typeof FLAGS;

const SHORT: Record<string, Flag> = { "-s": "--stack", "-C": "--cwd", "-y": "--yes", "-f": "--skip-preview" };
const EVERYWHERE: readonly Flag[] = ["--stack", "--cwd", "--color", "--non-interactive"];

const COMMANDS: Record<string, readonly Flag[]> = {
  "stack init": [],
  "stack rm": ["--yes"],
  "stack export": ["--show-secrets"],
  "stack output": ["--show-secrets", "--json"],
  "config set": ["--secret"],
  "config rm": [],
  preview: ["--diff", "--debug", "--expect-no-changes"],
  up: ["--yes", "--skip-preview", "--diff", "--debug"],
  refresh: ["--yes", "--skip-preview", "--diff", "--debug"],
  destroy: ["--yes", "--skip-preview", "--diff", "--debug"],
};

export interface Arguments {
  readonly command: string;
  readonly operands: readonly string[];
  readonly flags: ReadonlyMap<Flag, string>;
}

export function parseArguments(argv: readonly string[]): Arguments {
  const words: string[] = [];
  const flags = new Map<Flag, string>();
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    // What follows `--` is an operand even if it begins with a dash, such as a secret.
    if (word === "--") words.push(...rest.splice(0));
    else if (word.startsWith("-") && word.length > 1) readFlag(word, rest, flags);
    else words.push(word);
  }
  const length = ["stack", "config"].includes(words[0] ?? "") ? 2 : 1;
  const command = words.slice(0, length).join(" ");
  const allowed = COMMANDS[command];
  if (!allowed)
    throw new UserError(`unknown command "${command}": one of ${Object.keys(COMMANDS).join(", ")}`);
  const refused = [...flags.keys()].find((flag) => ![...EVERYWHERE, ...allowed].includes(flag));
  if (refused) throw new UserError(`unknown flag for ${command}: ${refused}`);
  return { command, operands: words.slice(length), flags };
}

function readFlag(word: string, rest: string[], flags: Map<Flag, string>): void {
  const [written = "", ...inline] = word.split("=");
  const flag = SHORT[written] ?? written;
  if (!(flag in FLAGS)) throw new UserError(`unknown flag: ${written}`);
  const known = flag as Flag;
  const value = inline.length > 0 ? inline.join("=") : FLAGS[known] === "value" ? rest.shift() : "true";
  if (value === undefined) throw new UserError(`flag needs an argument: ${written}`);
  flags.set(known, value);
}
