import { read } from "read";
import { UserError } from "../../errors";
import { type Screen, usableWidth } from "./layout";

/** What a command has of the world, so that a test can be all of it. */
export interface Io extends Screen {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** All of standard input. @throws UserError `input-too-long` */
  readonly readInput: () => Promise<Buffer>;
  /** Whether somebody sits at standard input. */
  readonly isTerminal: boolean;
  /** Asks whoever sits there, without an echo. */
  readonly askHidden: (prompt: string) => Promise<string>;
}

/** More than any HBA file or password; `/dev/zero` has no end. */
const MAX_INPUT_BYTES = 16 * 1024 * 1024;

export function processIo(): Io {
  const { stdin, stdout, stderr, env } = process;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    readInput: async () => {
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of stdin) {
        chunks.push(chunk as Buffer);
        length += chunk.length;
        if (length > MAX_INPUT_BYTES)
          throw new UserError("input-too-long", `the input is longer than ${MAX_INPUT_BYTES} bytes`);
      }
      return Buffer.concat(chunks);
    },
    isTerminal: stdin.isTTY === true,
    // The question goes to standard error: standard output may be a file.
    askHidden: (prompt) => read({ prompt, silent: true, output: stderr }),
    columns: usableWidth(stdout.columns),
    color: stdout.isTTY === true && !env.NO_COLOR,
  };
}
