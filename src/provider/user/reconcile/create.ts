import type { Database } from "../../../database/contract/database";
import type { Role } from "../../../database/contract/role";
import { isUserError } from "../../../errors";
import { parseVerifier } from "../../../scram/verifier-text";
import { warn } from "../../protocol/wire";
import { deriveSalt } from "../check/salt";
import type { Deployment } from "../ownership/deployment";
import { holdsVerifier } from "../ownership/stored-verifier";
import type { UserState } from "../state";
import { warnOfCleartext } from "./cleartext";
import { newRole } from "./difference";
import { refuseReassigningToItsOwnRole } from "./new-owner";
import { reconcileRole } from "./reconcile";

/**
 * Makes the role, and gives the state to record. A role that is there already is somebody else's and not touched, unless it
 * is to be adopted, or an `up` made it that was interrupted before it could record it.
 */
export async function createUser(database: Database, seen: Deployment, state: UserState): Promise<UserState> {
  refuseReassigningToItsOwnRole(database, state);
  // First, for who may alter a role may still not be allowed to make one like it.
  const adopted = state.adopt ? await database.findRole(state.username) : undefined;
  const made =
    adopted === undefined
      ? await make(database, state)
      : await reconcileRole(database, adopted, undefined, state);
  return seen.hold(made);
}

/** @param perhapsDone the COMMIT of an earlier attempt was not answered: before it, there was no such role */
async function make(database: Database, state: UserState, perhapsDone = false): Promise<UserState> {
  try {
    const identity = await database.createRole(state.username, newRole(state, database.product));
    await warnOfCleartext(database, state);
    return { ...state, identity };
  } catch (error) {
    if (!isUserError(error) || !["42710", "23505", "COMMIT_LOST"].includes(error.code)) throw error;
    const isLost = perhapsDone || error.code === "COMMIT_LOST";
    const role = await database.findRole(state.username);
    if (role === undefined) {
      if (!isLost || perhapsDone) throw error;
      return make(database, state, true);
    }
    if (!state.adopt && !(await isOurs(database, role, state, isLost))) throw error;
    return reconcileRole(database, role, undefined, state);
  }
}

/**
 * Whether a role that nothing records is what this resource has made: it holds the verifier that is about to be written. Of a
 * role that was there before this `up`, others may have copied that: a salt is told to anyone, a password is known to its
 * user. But whoever makes a role administers it.
 */
async function isOurs(database: Database, role: Role, state: UserState, isLost: boolean): Promise<boolean> {
  const holds = await holdsVerifier(database, role, state.verifier);
  if (isLost && holds !== undefined) return holds;
  if (!isLost && !(holds === true && isDerived(state))) return false;
  if ((await database.administratorsOf(role.name)).length > 0) return false;
  if (!isLost)
    warn(
      `user "${role.name}" already exists on ${database.server}, with the very verifier that is declared, as an interrupted \`up\` leaves it; the \`up\` continues with it`,
    );
  return true;
}

/** A ready-made verifier may well have been read from the role of somebody else. */
function isDerived({ verifier, saltSeed, username, generation }: UserState): boolean {
  if (verifier === undefined || saltSeed === undefined) return false;
  return parseVerifier(verifier).salt.equals(deriveSalt(saltSeed, username, generation));
}
