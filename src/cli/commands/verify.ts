import { classifyStoredHash, type Verifier, verifyPassword } from "../../scram";
import { ScramError } from "../../scram/error";
import { parseStoredVerifier } from "../../scram/verifier-text";
import { helpText } from "../help";
import { readPassword } from "../password";
import type { CommandSpec } from "../run";
import { STATUS } from "../status";

/** Whether a verifier is one of a password. */
export const verify: CommandSpec = (program, io, act) => {
  program
    .command("verify")
    .summary("tell whether a verifier is one of a password")
    .description("Tells whether a SCRAM-SHA-256 verifier is one of a password.")
    .argument("<verifier>", "as a server stores it; in single quotes, for it has $ in it")
    .addHelpText(
      "after",
      helpText(
        [
          "The password comes by standard input (less a final newline), or is asked for.",
          "Exit status: 0 it is the password, 1 it is not, 2 there is no telling.",
        ],
        "pulumi-scram verify 'SCRAM-SHA-256$10610:…' < password.txt",
      ),
    )
    .action(
      act(async (text: string) => {
        const verifier = read(text);
        const password = await readPassword(io, undefined, { twice: false });
        const same = await verifyPassword(password, verifier);
        io.out(same ? "the password is the verifier's\n" : "the password is not the verifier's\n");
        return same ? STATUS.yes : STATUS.no;
      }),
    );
};

function read(text: string): Verifier {
  const { kind } = classifyStoredHash(text);
  if (kind === "md5" || kind === "bcrypt")
    throw new ScramError("not-scram", `that is a hash of ${kind}, not a SCRAM-SHA-256 verifier`);
  return parseStoredVerifier(text);
}
