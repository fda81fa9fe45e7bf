import { compact, isRecord, type Json, type Props, secret } from "../protocol/wire";
import { fromProps, toInputs, toProps, type UserState } from "../user/state/state";

/** What is recorded of a set: its users by name, each as a ScramUser records itself, less what is the same for all. */
export interface SetState {
  readonly users: ReadonlyMap<string, UserState>;
  readonly owner: string | undefined;
  /** Secret. */
  readonly connection: Json | undefined;
  /** Of StrictIsolation: whether the server sees no password any more (phase 3). */
  readonly isolated: boolean | undefined;
  /** Secret. Of StrictIsolation. */
  readonly seen: SeenHashes;
}

/** By name of the user: stored hashes of earlier passwords that the server may have seen, the latest first. */
export type SeenHashes = ReadonlyMap<string, readonly string[]>;

export function setFromProps(props: Props): SetState {
  const { owner, connection } = fromProps(props);
  const users = Object.entries(entriesIn(props.users)).map(
    ([name, entry]) => [name, fromProps(userProps(name, entry as Props, props))] as const,
  );
  const isolated = typeof props.isolated === "boolean" ? props.isolated : undefined;
  const seen = new Map(Object.entries(entriesIn(props.seen)) as [string, string[]][]);
  return { users: new Map(users), owner, connection, isolated, seen };
}

export function setToProps(state: SetState): Props {
  return toEntries(state, toProps);
}

/** The inputs that a state came from: all but what the server told. */
export function setToInputs(state: SetState): Props {
  return toEntries(state, toInputs);
}

function toEntries(
  { users, owner, connection, isolated, seen }: SetState,
  write: (user: UserState) => Props,
): Props {
  const entries = [...users].map(([name, user]) => [name, entryOf(write(user))]);
  return compact({
    users: Object.fromEntries(entries),
    owner,
    connection: secret(connection),
    isolated,
    seen: secret(seen.size > 0 ? Object.fromEntries(seen) : undefined),
  });
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
