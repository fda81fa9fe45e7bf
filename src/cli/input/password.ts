import { UserError } from "../../errors";
import { unportable } from "../../scram/portability";
import type { Io } from "../terminal/io";
import { warn } from "../terminal/warn";
import { decodeUtf8 } from "./utf8";

/**
 * A password as it was given: as an argument, by standard input without its final newline, or typed without an echo.
 *
 * @param twice asks a second time, for nobody sees a slip
 * @throws UserError `password-not-utf8`, `password-mistyped`
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
    throw new UserError("password-mistyped", "the two passwords differ");
  return password;
}

async function ask(io: Io, prompt: string): Promise<string> {
  try {
    return await io.askHidden(prompt);
  } catch {
    // Ctrl-C and Ctrl-D.
    throw new UserError("no-password", "no password was given");
  } finally {
    io.err("\n");
  }
}

/** Where drivers may not agree with the server. */
export function warnOfPassword(io: Io, password: string): void {
  const problem = unportable(password);
  if (problem !== undefined) warn(io, `the password ${problem}; some may fail to log in`);
}
