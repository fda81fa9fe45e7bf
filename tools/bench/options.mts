import { parseArgs } from "node:util";

const PARTS = ["hashing", "users", "deployment", "hba"] as const;
type Part = (typeof PARTS)[number];

export interface Options {
  /** What to measure. */
  readonly parts: ReadonlySet<Part>;
  readonly users: number;
  /** One by one takes minutes for all of them; it is measured with so many and multiplied. */
  readonly oneByOne: number;
}

/** Ends the process with a sentence when they are wrong. */
export function parseOptions(argv: readonly string[]): Options {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        users: { type: "string", default: "1000" },
        "one-by-one": { type: "string", default: "100" },
      },
    });
    const users = count("--users", values.users);
    return {
      parts: partsIn(positionals),
      users,
      oneByOne: Math.min(users, count("--one-by-one", values["one-by-one"])),
    };
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}

function partsIn(names: readonly string[]): ReadonlySet<Part> {
  const unknown = names.find((name) => !PARTS.includes(name as Part));
  if (unknown !== undefined) throw new Error(`there is no part "${unknown}" to measure: ${PARTS.join(", ")}`);
  return new Set(names.length === 0 ? PARTS : (names as Part[]));
}

/** Ten of them are rotated. */
const FEWEST = 10;

function count(name: string, text: string): number {
  if (/^\d{1,6}$/.test(text) && Number(text) >= FEWEST) return Number(text);
  throw new Error(`${name} takes a number from ${FEWEST} on`);
}
