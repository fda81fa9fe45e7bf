import { ScramError } from "../scram/error";
import type { Session } from "./session";

/**
 * Whether new HBA rules still let us in. Who calls it puts the old rules back when it throws, before anybody reads the
 * message.
 *
 * @throws ScramError `hba-own-login`
 */
export async function proveOwnLogin(session: Session): Promise<void> {
  try {
    await session.proveLogin();
  } catch (error) {
    if (!(error instanceof ScramError)) throw error;
    // Its advice is for somebody who is locked out, which nobody is.
    const reason = error.hint === undefined ? error.message : `${error.withoutHint} [${error.code}]`;
    throw new ScramError(
      "hba-own-login",
      `the new HBA rules do not let the administrator in any more (${reason}); the rules from before are back in force`,
      { hint: `correct the rules, or, to shut it out, name it in allowLockout and set guard: "off"` },
    );
  }
}
