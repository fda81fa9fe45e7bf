import type { Database } from "../../../database/contract/database";
import type { Role } from "../../../database/contract/role";
import { isUserError, type UserError } from "../../../errors";
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

type Attempt =
  | { readonly is: "made"; readonly state: UserState }
  /** By somebody else, or by an `up` that was interrupted. */
  | { readonly is: "there already"; readonly error: UserError }
  /** The COMMIT was not answered: there was no such role before it, and may be one now. */
  | { readonly is: "unanswered"; readonly error: UserError };

async function attempt(database: Database, state: UserState): Promise<Attempt> {
  try {
    const identity = await database.createRole(state.username, newRole(state, database.product));
    await warnOfCleartext(database, state);
    return { is: "made", state: { ...state, identity } };
  } catch (error) {
    if (!isUserError(error)) throw error;
    if (error.code === "COMMIT_LOST") return { is: "unanswered", error };
    if (["42710", "23505"].includes(error.code)) return { is: "there already", error };
    throw error;
  }
}

async function make(database: Database, state: UserState): Promise<UserState> {
  const first = await attempt(database, state);
  if (first.is === "made") return first.state;
  const isLost = first.is === "unanswered";
  let { error } = first;
  let role = await database.findRole(state.username);
  if (role === undefined && isLost) {
    const second = await attempt(database, state);
    if (second.is === "made") return second.state;
    error = second.error;
    role = await database.findRole(state.username);
  }
  if (role === undefined) throw error;
  const isToBeOurs = state.adopt || (await (isLost ? madeBefore : leftByAnUp)(database, role, state));
  if (!isToBeOurs) throw error;
  return reconcileRole(database, role, undefined, state);
}

/** A role that came while a COMMIT was not answered is ours where it holds the verifier, or, where nobody can tell, where nobody else administers it. */
async function madeBefore(database: Database, role: Role, state: UserState): Promise<boolean> {
  return (
    (await holdsVerifier(database, role, state.verifier)) ??
    (await database.administratorsOf(role.name)).length === 0
  );
}

/**
 * A role that nothing records, which was there before this `up`, is one that an interrupted `up` has made where it holds the
 * verifier that is about to be written, and nobody else administers it. The verifier alone others may have copied: a salt is
 * told to anyone, a password is known to its user. But whoever makes a role administers it.
 */
async function leftByAnUp(database: Database, role: Role, state: UserState): Promise<boolean> {
  if (!isDerived(state) || (await holdsVerifier(database, role, state.verifier)) !== true) return false;
  if ((await database.administratorsOf(role.name)).length > 0) return false;
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
