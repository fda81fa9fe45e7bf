import { UserError } from "../../../errors";
import {
  BEFORE_IS_BACK,
  hbaChanged,
  hbaReplaced,
  OTHERS_ARE_LEFT,
  ownLoginFailure,
} from "../../contract/hba-failure";
import type { Written } from "./write";

interface Attempt {
  /** For "could not …". */
  readonly action: string;
  readonly server: string;
  /** Whether the text holds a password, which the server's words may quote. */
  readonly isSecret: boolean;
}

/** Why the rules that were to be written are not in force, and which are. */
export function failureOf(
  { result, refused = [], problem, left = "before", kept, reason }: Written,
  { action, server, isSecret }: Attempt,
): UserError | undefined {
  const now = {
    before: BEFORE_IS_BACK,
    other: OTHERS_ARE_LEFT,
    stuck: `the rules from before could not be put back: they are in the server's file ${kept} (docs/reference/command.md, hba restore)`,
  }[left];
  switch (result) {
    case "written":
      return undefined;
    case "changed":
      return hbaChanged(server);
    case "replaced":
      return hbaReplaced(server);
    case "unproved":
      return ownLoginFailure(reason, now);
    case "refused": {
      const words = (error?: string) => {
        if (error === undefined) return "the server cannot load it; its log says why";
        return isSecret ? "(not shown, because the rules hold a password)" : error;
      };
      const lines = refused.map(({ line, error }) => `line ${line}: ${words(error)}`).join("; ");
      return new UserError("hba-refused", `the server refuses the HBA rules: ${lines}`, {
        hint: left === "before" ? "the file is as it was before" : now,
      });
    }
    case "failed":
      return new UserError("hba-failed", `could not ${action} on ${server}: ${problem}; ${now}`);
    default:
      // It came from the server.
      throw new Error("the write of the HBA rules ended in no way that is known");
  }
}
