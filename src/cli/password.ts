import { ScramError } from "../scram/error";
import { unportable } from "../scram/portability";
import { decodeUtf8 } from "./input";
import type { Io } from "./io";
import { warn } from "./warn";

/**
 * A password as it was given: as an argument, by standard input without its final newline, or typed without an echo.
 *
 * @param twice asks a second time, for nobody sees a slip
 * @throws ScramError `password-not-utf8`, `password-mistyped`
 */
export async function readPassword(
  io: Io,
  given: string | undefined,
  { twice }: { twice: boolean },
): Promise<string> {
  if (given !== undefined) {
    warn(
      io,
      "an argument is seen by whoever lists processes, and kept in the shell's history; give the password by standard input",
    );
    return given;
  }
  if (!io.isTerminal) return decodeUtf8(await io.readInput()).replace(/\r?\n$/, "");
  const password = await ask(io, "Password: ");
  if (twice && password !== "" && (await ask(io, "Again: ")) !== password)
    throw new ScramError("password-mistyped", "the two passwords differ");
  return password;
}

async function ask(io: Io, prompt: string): Promise<string> {
  try {
    return await io.askHidden(prompt);
  } catch {
    // Ctrl-C and Ctrl-D.
    throw new ScramError("no-password", "no password was given");
  } finally {
    io.err("\n");
  }
}

/** Where drivers may not agree with the server. */
export function warnOfPassword(io: Io, password: string): void {
  const problem = unportable(password);
  if (problem !== undefined) warn(io, `the password ${problem}; some may fail to log in`);
}
