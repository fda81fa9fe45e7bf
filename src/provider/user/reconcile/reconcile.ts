import type { Database } from "../../../database/contract/database";
import type { Role } from "../../../database/contract/role";
import type { UserError } from "../../../errors";
import { isUserError } from "../../../errors";
import type { UserState } from "../state";
import { warnOfCleartext } from "./cleartext";
import { difference } from "./difference";
import { refuseReassigningToItsOwnRole } from "./new-owner";

/** Makes a role that is there as declared, and gives the state to record. */
export async function reconcileRole(
  database: Database,
  role: Role,
  recorded: UserState | undefined,
  state: UserState,
): Promise<UserState> {
  refuseReassigningToItsOwnRole(database, state);
  const changes = difference(role, recorded, state);
  if (Object.keys(changes).length > 0) {
    await retryAfterLostCommit(
      () => database.alterRole(role.name, changes),
      async (lost) => {
        // Renamed or not.
        const either = await Promise.all([state.username, role.name].map(database.findRole));
        const now = either.find((other) => other?.identity.oid === role.identity.oid);
        if (now === undefined) throw lost;
        const left = difference(now, recorded, state);
        if (Object.keys(left).length > 0) await database.alterRole(now.name, left);
      },
    );
    if (changes.verifier !== undefined) await warnOfCleartext(database, state);
  }
  return { ...state, identity: role.identity };
}

/** Work whose COMMIT was not answered is done once more, or what is left of it: nobody knows whether it was carried out. */
export async function retryAfterLostCommit(
  work: () => Promise<void>,
  rest: (lost: UserError) => Promise<void> = work,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isUserError(error) || error.code !== "COMMIT_LOST") throw error;
    await rest(error);
  }
}
