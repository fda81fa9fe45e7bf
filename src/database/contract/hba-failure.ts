import { UserError } from "../../errors";

/** What the rules are once those that were written are not in force. */
export const BEFORE_IS_BACK = "the rules from before are back in force";
export const OTHERS_ARE_LEFT = "somebody else has written others meanwhile, which are left alone";

/** Between the look at which the new rules were judged, and their writing. */
export function hbaChanged(server: string): UserError {
  return new UserError("hba-changed", `somebody else has changed the HBA rules of ${server} meanwhile`, {
    hint: REFRESH,
  });
}

/** While they were proved. */
export function hbaReplaced(server: string): UserError {
  return new UserError(
    "hba-replaced",
    `somebody else has replaced the HBA rules of ${server} while these were written; theirs are left alone`,
    { hint: REFRESH },
  );
}

const REFRESH = "run `pulumi refresh`, then `pulumi up`";

/**
 * That new HBA rules do not let us in.
 *
 * @param reason why the login failed, as far as that is known
 * @param now what the rules are by now
 */
export function ownLoginFailure(reason: unknown, now: string): UserError {
  return new UserError(
    "hba-own-login",
    `the new HBA rules do not let the administrator in any more (${wordsOf(reason)}); ${now}`,
    { hint: `correct the rules, or, to shut it out, name it in allowLockout and set guard: "off"` },
  );
}

/** Its advice is for somebody who is locked out, which nobody is. */
function wordsOf(reason: unknown): string {
  if (!(reason instanceof UserError))
    return "the server has seen no new login; one that a connection pooler has kept does not count";
  return reason.hint === undefined ? reason.message : `${reason.withoutHint} [${reason.code}]`;
}
