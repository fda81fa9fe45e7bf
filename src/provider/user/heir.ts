import type { Database } from "../../database/database";
import { refuseOwnHeir } from "../../database/role";
import { isMistake } from "../mistake";
import { warn } from "../wire";
import type { UserState } from "./state";

/** By the server's names, of which the arguments know nothing. @throws ScramError `own-heir` */
export function refuseToInheritFromItself(
  { roleId }: Database,
  { username, reassignOwnedTo }: UserState,
): void {
  if (reassignOwnedTo !== undefined) refuseOwnHeir(roleId(username), roleId(reassignOwnedTo));
}

/** That an heir is not there would come out at the deletion, which needs it. */
export async function warnOfMissingHeir(
  database: Database,
  { username, reassignOwnedTo: heir }: UserState,
): Promise<void> {
  if (heir === undefined || !(await isMissing(database, heir))) return;
  warn(
    `user "${username}": its heir "${heir}" (reassignOwnedTo) does not exist on ${database.server}; until it does, the user cannot be deleted`,
  );
}

/** The user is deployed by now: that this cannot be looked up is no failure of it. */
async function isMissing(database: Database, heir: string): Promise<boolean> {
  try {
    return (await database.findRole(heir)) === undefined;
  } catch (error) {
    if (isMistake(error)) return false;
    throw error;
  }
}
