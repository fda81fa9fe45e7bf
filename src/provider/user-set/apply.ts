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

/** What came of it: the users as they are now, and what went wrong, by name. */
export interface Applied {
  readonly users: Users;
  readonly failures: ReadonlyMap<string, string>;
  /** How many were made, changed or deleted. */
  readonly done: number;
}

/**
 * Brings the users from what is recorded to what is wanted: each by itself, so that one that fails keeps no other from it.
 * Those that are asked for at one time go together to the server as it likes best (cockroachdb/batch.ts).
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
  const sameNames = sameNamesIn(database, wanted);
  // By the server's names: a user under another spelling of its name is the same one.
  const before = new Map([...recorded.values()].map((state) => [roleId(state.username), state]));
  const toDo = changed(recorded, wanted);
  for (const level of inDependencyLevels(toDo, membersAmong(roleId))) {
    await each(level, async (state) => {
      const other = sameNames.get(state.username);
      if (other !== undefined) throw sameName(other);
      const known = before.get(roleId(state.username));
      return known === undefined
        ? createUser(database, seen, state)
        : updateUser(database, seen, known, state);
    });
  }

  // A new owner may be among those just made.
  const made = toDo.filter(({ username }) => !failures.has(username));
  await Promise.all(made.map((state) => warnOfMissingNewOwner(database, state)));

  const kept = new Map([...wanted.keys()].map((name) => [roleId(name), name]));
  const gone = [...recorded.values()].filter(({ username }) => !wanted.has(username));
  for (const level of inDependencyLevels(gone, newOwnersAmong(roleId))) {
    const isNeeded = newOwnersAmong(roleId)(gone.filter(({ username }) => failures.has(username)));
    await each(level, async (state) => {
      const respelt = kept.get(roleId(state.username));
      // As long as it is not recorded under its other spelling, it stays under this one.
      if (respelt !== undefined) return failures.has(respelt) ? state : undefined;
      if (state.onDelete === "drop" && isNeeded(state)) throw stillNeeded();
      await deleteUser(database, seen, state);
      return undefined;
    });
  }
  return { users, failures, done };
}

function changed(recorded: Users, wanted: Users): UserState[] {
  return [...wanted.values()].filter((state) => {
    const before = recorded.get(state.username);
    return before === undefined || !isDeepStrictEqual(toInputs(before), toInputs(state));
  });
}

/** Two spellings of one name, to a server that folds names. */
function sameNamesIn(database: Database, users: Users): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  const sameNames = new Map<string, string>();
  for (const name of users.keys()) {
    const id = database.roleId(name);
    const other = first.get(id);
    if (other === undefined) first.set(id, name);
    else sameNames.set(name, other);
  }
  return sameNames;
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
