import type { Database } from "../../database/database";
import type { Role, RoleIdentity } from "../../database/role";
import { ScramError } from "../../scram/error";
import { isMistake } from "../mistake";
import { warn } from "../wire";
import { warnOfCleartext } from "./cleartext";
import { difference, newRole } from "./difference";
import { elsewhere, findOwn, isServerOf } from "./find-own";
import { refuseToInheritFromItself } from "./heir";
import { makerOfRole, ownership } from "./ownership";
import type { UserState } from "./state";

/**
 * Makes the role, and gives the state to record. A role that is there already is somebody else's and not touched, unless it
 * is to be adopted, or this very resource made it before and never got to record it.
 */
export async function createUser(database: Database, state: UserState): Promise<UserState> {
  refuseToInheritFromItself(database, state);
  const wanted = newRole(state, database.product);
  // First, for who may alter a role may still not be allowed to make one like it.
  const adopted = state.adopt ? await database.findRole(state.username) : undefined;
  if (adopted !== undefined) return bringTo(database, adopted, undefined, state);
  let identity: RoleIdentity;
  try {
    identity = await database.createRole(state.username, wanted);
  } catch (error) {
    if (!isMistake(error) || !["42710", "23505", "COMMIT_LOST"].includes(error.code)) throw error;
    const role = await database.findRole(state.username);
    if (role !== undefined) {
      // Before a transaction whose COMMIT was not answered there was no such role, or its CREATE would have failed.
      if (error.code !== "COMMIT_LOST" && !state.adopt) {
        if ((await makerOfRole(database, role, state)) !== "us") throw error;
        warn(
          `user "${role.name}" already exists on ${database.server}, and this same resource has set its password before (in an interrupted \`up\`, for instance); the \`up\` continues with it`,
        );
      }
      return bringTo(database, role, undefined, state);
    }
    if (error.code !== "COMMIT_LOST") throw error;
    identity = await database.createRole(state.username, wanted);
  }
  await warnOfCleartext(database, state);
  return { ...state, identity };
}

/** Makes the role as declared, and gives the state to record. */
export async function updateUser(
  database: Database,
  recorded: UserState,
  state: UserState,
): Promise<UserState> {
  const role = await findOwn(database, recorded);
  if (role === undefined) {
    warn(`user "${recorded.username}" was no longer on ${database.server}; it is created again`);
    return createUser(database, state);
  }
  // Where hashes cannot be read it takes a login to see, and is worth one: not even an option of another's role is changed.
  if (!state.adopt && (await ownership(database, role, recorded, state.verifier)) === "another's") {
    throw new ScramError(
      "another-owner",
      `user "${role.name}" on ${database.server} has come to belong to another resource, which wrote its password`,
      { hint: "remove one of the two, or declare `adopt: true` to take the user over" },
    );
  }
  return bringTo(database, role, recorded, state);
}

/** Deletes as declared; a role that is gone, or that has come to belong to another resource, is left as it is. */
export async function deleteUser(database: Database, recorded: UserState): Promise<void> {
  if (recorded.onDelete === "retain") return;
  const role = await findOwn(database, recorded);
  if (role === undefined) {
    if (await isServerOf(database, recorded)) return;
    throw new ScramError("another-server", elsewhere(database, recorded), {
      hint: "correct the connection; or, if that server is gone for good, run `pulumi refresh`, which takes the user out of the state",
    });
  }
  const reason = await reasonToLeave(database, role, recorded);
  if (reason !== undefined) {
    warn(`user ${reason} and is left in place`);
    return;
  }
  await certainly(() =>
    recorded.onDelete === "disable"
      ? database.alterRole(role.name, { options: { login: false } })
      : database.dropRole(role.name, recorded.reassignOwnedTo, warn),
  );
}

async function reasonToLeave(
  database: Database,
  role: Role,
  recorded: UserState,
): Promise<string | undefined> {
  const whose = await ownership(database, role, recorded);
  if (whose === "another's" || whose === "a twin's")
    return `"${role.name}" on ${database.server} belongs to another resource by now`;
  const { username, renamedTo = username } = recorded;
  const isKnownName = [username, renamedTo].map(database.roleId).includes(role.name);
  return whose === "unknown" && !isKnownName
    ? `"${username}", by now named "${role.name}" on ${database.server}, may belong to another resource`
    : undefined;
}

async function bringTo(
  database: Database,
  role: Role,
  recorded: UserState | undefined,
  state: UserState,
): Promise<UserState> {
  refuseToInheritFromItself(database, state);
  const changes = difference(role, recorded, state);
  if (Object.keys(changes).length > 0) {
    await certainly(
      () => database.alterRole(role.name, changes),
      async () => {
        // Renamed or not.
        const renamed = await findOwn(database, { ...state, identity: role.identity });
        const now = renamed ?? (await database.findRole(role.name));
        if (now === undefined) return;
        const left = difference(now, recorded, state);
        if (Object.keys(left).length > 0) await database.alterRole(now.name, left);
      },
    );
    if (changes.verifier !== undefined) await warnOfCleartext(database, state);
  }
  return { ...state, identity: role.identity };
}

/** Work whose COMMIT was not answered is done once more, or what is left of it: nobody knows whether it was carried out. */
async function certainly(work: () => Promise<void>, rest: () => Promise<void> = work): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isMistake(error) || error.code !== "COMMIT_LOST") throw error;
    await rest();
  }
}
