import { isDeepStrictEqual } from "node:util";
import type { Database } from "../../database/database";
import { ScramError } from "../../scram/error";
import { isMistake } from "../mistake";
import { createUser, deleteUser, updateUser } from "../user/apply";
import { toInputs, type UserState } from "../user/state";

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
export async function applyUsers(database: Database, recorded: Users, wanted: Users): Promise<Applied> {
  const users = new Map(recorded);
  const failures = new Map<string, string>();
  let done = 0;

  const attempt = async (name: string, work: () => Promise<UserState | undefined>) => {
    try {
      const state = await work();
      if (state === undefined) users.delete(name);
      else users.set(name, state);
      done++;
    } catch (error) {
      if (!isMistake(error)) throw error;
      failures.set(name, error.message);
    }
  };

  const { roleId } = database;
  const namesakes = namesakesIn(database, wanted);
  // By the server's names: a user under another spelling of its name is the same one.
  const before = new Map([...recorded.values()].map((state) => [roleId(state.username), state]));
  for (const level of levels(changed(recorded, wanted), roleId)) {
    await Promise.all(
      level.map((state) =>
        attempt(state.username, () => {
          const namesake = namesakes.get(state.username);
          if (namesake !== undefined) throw sameName(namesake);
          const known = before.get(roleId(state.username));
          return known === undefined ? createUser(database, state) : updateUser(database, known, state);
        }),
      ),
    );
  }
  // Last: who is deleted may have an heir among those just made.
  const kept = new Set([...wanted.keys()].map(roleId));
  const gone = [...recorded.values()].filter(({ username }) => !wanted.has(username));
  await Promise.all(
    gone.map((state) =>
      attempt(state.username, async () => {
        if (!kept.has(roleId(state.username))) await deleteUser(database, state);
        return undefined;
      }),
    ),
  );
  return { users, failures, done };
}

function changed(recorded: Users, wanted: Users): UserState[] {
  return [...wanted.values()].filter((state) => {
    const before = recorded.get(state.username);
    return before === undefined || !isDeepStrictEqual(toInputs(before), toInputs(state));
  });
}

/** A user that is a group of others comes before them; those who name each other, which servers refuse, come last. */
function levels(users: readonly UserState[], roleId: Database["roleId"]): UserState[][] {
  const found: UserState[][] = [];
  let left = users;
  while (left.length > 0) {
    const names = new Set(left.map(({ username }) => roleId(username)));
    const ready = left.filter(({ memberOf }) => !memberOf?.some((group) => names.has(roleId(group))));
    const level = ready.length > 0 ? ready : [...left];
    found.push(level);
    left = left.filter((state) => !level.includes(state));
  }
  return found;
}

/** Two spellings of one name, to a server that folds names. */
function namesakesIn(database: Database, users: Users): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  const namesakes = new Map<string, string>();
  for (const name of users.keys()) {
    const id = database.roleId(name);
    const other = first.get(id);
    if (other === undefined) first.set(id, name);
    else namesakes.set(name, other);
  }
  return namesakes;
}

function sameName(other: string): ScramError {
  return new ScramError("same-name", `this server takes it for the same name as "${other}"`, {
    hint: "keep one of the two",
  });
}
