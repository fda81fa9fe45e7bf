import { UserError } from "../../errors";
import { classifyStoredHash, type Verifier, verifyPassword } from "../../scram";
import { parseStoredVerifier } from "../../scram/verifier-text";
import type { CommandSpec } from "../command-spec";
import { readPassword } from "../input/password";
import { helpText } from "../terminal/help";
import { STATUS } from "../terminal/status";

/** Whether a password matches a verifier. */
export const verify: CommandSpec = (program, io, act) => {
  program
    .command("verify")
    .summary("check a password against a verifier")
    .description("Checks a password against a SCRAM-SHA-256 verifier.")
    .argument("<verifier>", "as a server stores it; in single quotes, because it contains $")
    .addHelpText(
      "after",
      helpText(
        [
          "The password is read from standard input (without its final newline), or asked for.",
          "A verifier is a secret too, and as an argument it is seen by whoever lists processes and kept in the shell's history: passwords can be guessed against it.",
          "Exit status: 0 the password matches, 1 it does not, 2 the verifier or the input cannot be used.",
        ],
        "pulumi-scram verify 'SCRAM-SHA-256$10610:…' < password.txt",
      ),
    )
    .action(
      act(async (text: string) => {
        const verifier = read(text);
        const password = await readPassword(io, undefined, { twice: false });
        const same = await verifyPassword(password, verifier);
        io.out(same ? "the password matches the verifier\n" : "the password does not match the verifier\n");
        return same ? STATUS.yes : STATUS.no;
      }),
    );
};

function read(text: string): Verifier {
  const { kind } = classifyStoredHash(text);
  if (kind === "md5" || kind === "bcrypt")
    throw new UserError("not-scram", `that is a hash of ${kind}, not a SCRAM-SHA-256 verifier`);
  return parseStoredVerifier(text);
}
