import { run } from "../../src/cli/run";
import type { Io } from "../../src/cli/terminal/io";

export interface Situation {
  /** Standard input; without it somebody sits there. */
  readonly input?: string | Buffer;
  /** What is typed at each question; a question too many is broken off. */
  readonly typed?: readonly string[];
  readonly columns?: number;
  readonly color?: boolean;
}

export interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** The command as its process runs it, in this one. */
export async function cli(args: readonly string[], situation: Situation = {}): Promise<Outcome> {
  const { input, typed = [], columns = 80, color = false } = situation;
  const written = { out: "", err: "" };
  const answers = [...typed];
  const io: Io = {
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    readInput: async () => Buffer.from(input ?? ""),
    isTerminal: input === undefined,
    askHidden: async (prompt) => {
      written.err += prompt;
      const answer = answers.shift();
      if (answer === undefined) throw new Error("canceled");
      return answer;
    },
    columns,
    color,
  };
  return { status: await run(args, io), ...written };
}
