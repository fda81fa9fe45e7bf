import { isDeepStrictEqual } from "node:util";
import type { Database } from "../../database/contract/database";
import { isUserError, UserError } from "../../errors";
import type { Deployment } from "../user/ownership/deployment";
import { deleteUser, updateUser } from "../user/reconcile/apply";
import { createUser } from "../user/reconcile/create";
import { warnOfMissingNewOwner } from "../user/reconcile/new-owner";
import { toInputs, type UserState } from "../user/state";
import { inDependencyLevels, membersAmong, newOwnersAmong } from "./order";

type Users = ReadonlyMap<string, UserState>;

/** The users as they are now, and what went wrong, by name. */
export interface Applied {
  readonly users: Users;
  readonly failures: ReadonlyMap<string, string>;
  /** How many were made, changed or deleted. */
  readonly done: number;
}

/**
 * Brings the users from what is recorded to what is wanted: each by itself, so that one that fails keeps no other from it.
 * Users that are written at one time may share a transaction (cockroachdb/batch.ts).
 */
export async function applyUsers(
  database: Database,
  seen: Deployment,
  recorded: Users,
  wanted: Users,
): Promise<Applied> {
  const users = new Map(recorded);
  const failures = new Map<string, string>();
  let done = 0;

  async function each(
    states: readonly UserState[],
    work: (state: UserState) => Promise<UserState | undefined>,
  ) {
    await Promise.all(
      states.map(async (before) => {
        try {
          const state = await work(before);
          if (state === undefined) users.delete(before.username);
          else users.set(before.username, state);
          done++;
        } catch (error) {
          if (!isUserError(error)) throw error;
          failures.set(before.username, error.message);
        }
      }),
    );
  }

  const { roleId } = database;
  // Whatever the spelling of its name: a user is the role that the server takes the name for.
  const recordedBy = byRole(database, recorded);
  const wantedBy = byRole(database, wanted);
  const toDo = [...wanted.values()].filter((state) => {
    const known = recordedBy.get(roleId(state.username));
    return known === undefined || !isDeepStrictEqual(toInputs(known), toInputs(state));
  });
  for (const level of inDependencyLevels(toDo, membersAmong(roleId))) {
    await each(level, async (state) => {
      const id = roleId(state.username);
      const first = wantedBy.get(id);
      if (first !== undefined && first !== state) throw sameName(first.username);
      const known = recordedBy.get(id);
      if (known === undefined) return createUser(database, seen, state);
      const updated = await updateUser(database, seen, known, state);
      if (known.username !== state.username) users.delete(known.username);
      return updated;
    });
  }

  // A new owner may be among those just made.
  const made = toDo.filter(({ username }) => !failures.has(username));
  await Promise.all(made.map((state) => warnOfMissingNewOwner(database, state)));

  const gone = [...recorded.values()].filter(({ username }) => !wantedBy.has(roleId(username)));
  for (const level of inDependencyLevels(gone, newOwnersAmong(roleId))) {
    const isNeeded = newOwnersAmong(roleId)(gone.filter(({ username }) => failures.has(username)));
    await each(level, async (state) => {
      if (state.onDelete === "drop" && isNeeded(state)) throw stillNeeded();
      await deleteUser(database, seen, state);
      return undefined;
    });
  }
  return { users, failures, done };
}

/** Of two spellings that the server takes for one name, the first. */
function byRole({ roleId }: Database, users: Users): ReadonlyMap<string, UserState> {
  return new Map([...users.values()].reverse().map((state) => [roleId(state.username), state]));
}

function stillNeeded(): UserError {
  return new UserError(
    "new-owner-needed",
    "it is the new owner (reassignOwnedTo) of another user that could not be deleted",
  );
}

function sameName(other: string): UserError {
  return new UserError("same-name", `this server takes it for the same name as "${other}"`, {
    hint: "keep one of the two",
  });
}
