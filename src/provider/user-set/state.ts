import { readFields, type StateOf, writeFields } from "../protocol/fields";
import { compact, isRecord, type Json, type Props } from "../protocol/wire";
import { fromProps, toInputs, toProps, type UserState } from "../user/state";
import { FIELDS } from "./fields";

/** What is recorded of a set: its users by name, each as a ScramUser records itself, less what is the same for all. */
export interface SetState extends Omit<StateOf<typeof FIELDS>, "users"> {
  readonly users: ReadonlyMap<string, UserState>;
}

export function setFromProps(props: Props): SetState {
  const users = Object.entries(entriesIn(props.users)).map(
    ([name, entry]) => [name, fromProps(userProps(name, entry as Props, props))] as const,
  );
  return { ...readFields(FIELDS, props), users: new Map(users) };
}

export function setToProps(state: SetState): Props {
  return toEntries(state, toProps);
}

/** The inputs that a state came from: all but what the server told. */
export function setToInputs(state: SetState): Props {
  return toEntries(state, toInputs);
}

function toEntries({ users, ...own }: SetState, write: (user: UserState) => Props): Props {
  const entries = [...users].map(([name, user]) => [name, entryOf(write(user))]);
  return writeFields(FIELDS, { ...own, users: Object.fromEntries(entries) });
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
