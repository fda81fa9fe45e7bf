import { parseArgs } from "node:util";

export interface Options {
  readonly users: number;
  /** One by one takes minutes for all of them; it is measured with so many and multiplied. */
  readonly oneByOne: number;
}

/** Ends the process with a sentence when they are wrong. */
export function parseOptions(argv: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        users: { type: "string", default: "1000" },
        "one-by-one": { type: "string", default: "100" },
      },
    });
    const users = count("--users", values.users);
    return { users, oneByOne: Math.min(users, count("--one-by-one", values["one-by-one"])) };
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}

/** Ten of them are rotated. */
const FEWEST = 10;

function count(name: string, text: string): number {
  if (/^\d{1,6}$/.test(text) && Number(text) >= FEWEST) return Number(text);
  throw new Error(`${name} takes a number from ${FEWEST} on`);
}
