import { entriesOf, OPTION_NAMES, OPTIONS, type RoleOptions } from "../../database/contract/role-options";
import { readFields, type StateOf, writeFields } from "../protocol/fields";
import type { Props } from "../protocol/wire";
import { OWN_FIELDS } from "./fields";

/** What is recorded of a user: the checked inputs, and the outputs after them. There is no password in it. */
export interface UserState extends StateOf<typeof OWN_FIELDS> {
  /** As declared, and `login`. What is not declared is the product's own. */
  readonly options: RoleOptions;
}

export function toProps({ options, ...own }: UserState): Props {
  return { ...writeFields(OWN_FIELDS, own), ...Object.fromEntries(entriesOf(options)) };
}

/** The inputs that a state came from: all but what the server told. */
export function toInputs(state: UserState): Props {
  return toProps({ ...state, identity: undefined });
}

/** The reverse of `toProps`, after the engine has unwrapped the secrets. Tolerates a state that lacks something. */
export function fromProps(props: Props): UserState {
  return { ...readFields(OWN_FIELDS, props), options: optionsIn(props) };
}

const TYPES = { flag: "boolean", count: "number", instant: "string" } as const;

function optionsIn(props: Props): RoleOptions {
  const given = OPTION_NAMES.filter((name) => typeof props[name] === TYPES[OPTIONS[name].kind]);
  return { ...Object.fromEntries(given.map((name) => [name, props[name]])), login: props.login !== false };
}
