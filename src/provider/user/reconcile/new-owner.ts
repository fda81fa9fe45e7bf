import type { Database } from "../../../database/contract/database";
import { refuseReassigningToItself } from "../../../database/contract/role";
import { isUserError } from "../../../errors";
import { warn } from "../../protocol/wire";
import type { UserState } from "../state";

/** By the server's names, of which the arguments know nothing. @throws UserError `reassigned-to-itself` */
export function refuseReassigningToItsOwnRole(
  { roleId }: Database,
  { username, reassignOwnedTo }: UserState,
): void {
  if (reassignOwnedTo !== undefined) refuseReassigningToItself(roleId(username), roleId(reassignOwnedTo));
}

/** That a new owner is not there would come out at the deletion, which needs it. */
export async function warnOfMissingNewOwner(
  database: Database,
  { username, reassignOwnedTo: newOwner }: UserState,
): Promise<void> {
  if (newOwner === undefined || !(await isMissing(database, newOwner))) return;
  warn(
    `user "${username}": its new owner "${newOwner}" (reassignOwnedTo) does not exist on ${database.server}; until it does, the user cannot be deleted`,
  );
}

/** The user is deployed by now: that this cannot be looked up is no failure of it. */
async function isMissing(database: Database, newOwner: string): Promise<boolean> {
  try {
    return (await database.findRole(newOwner)) === undefined;
  } catch (error) {
    if (isUserError(error)) return false;
    throw error;
  }
}
