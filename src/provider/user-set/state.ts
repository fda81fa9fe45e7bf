import { fromProps, toInputs, toProps, type UserState } from "../user/state";
import { compact, isRecord, type Json, type Props, secret } from "../wire";

/** What is recorded of a set: its users by name, each as a ScramUser records itself, less what is the same for all. */
export interface SetState {
  readonly users: ReadonlyMap<string, UserState>;
  readonly owner: string | undefined;
  /** Secret. */
  readonly connection: Json | undefined;
}

export function setFromProps(props: Props): SetState {
  const { owner, connection } = fromProps(props);
  const users = Object.entries(entriesIn(props.users)).map(
    ([name, entry]) => [name, fromProps(userProps(name, entry as Props, props))] as const,
  );
  return { users: new Map(users), owner, connection };
}

export function setToProps({ users, owner, connection }: SetState): Props {
  return toEntries(users, toProps, { owner, connection });
}

/** The inputs that a state came from: all but what the server told. */
export function setToInputs({ users, owner, connection }: SetState): Props {
  return toEntries(users, toInputs, { owner, connection });
}

function toEntries(
  users: SetState["users"],
  write: (user: UserState) => Props,
  { owner, connection }: Omit<SetState, "users">,
): Props {
  const entries = [...users].map(([name, user]) => [name, entryOf(write(user))]);
  return compact({ users: Object.fromEntries(entries), owner, connection: secret(connection) });
}

/** The properties of one user of a set, as if it were a resource of its own. */
export function userProps(name: string, entry: Props, { owner, connection, identity }: Props): Props {
  // Of a record that is not whole (failure.ts).
  const ofAll = isRecord(identity) ? { identity: { ...identity, oid: entry.oid ?? null } } : {};
  return compact({ ...entry, ...ofAll, username: name, owner, connection });
}

/** The reverse: only what is the user's own. */
export function entryOf({ username, owner, connection, ...entry }: Props): Props {
  return entry;
}

export function entriesIn(users: Json | undefined): Props {
  return isRecord(users) ? users : {};
}
