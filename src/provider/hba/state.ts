import { readFields, type StateOf, writeFields } from "../protocol/fields";
import { type Props, secret } from "../protocol/wire";
import { FIELDS } from "./fields";

/** What is recorded of an HbaConfig. */
export type HbaState = StateOf<typeof FIELDS>;

export function toProps(state: HbaState): Props {
  const props = writeFields(FIELDS, state);
  return state.secretRules ? { ...props, rules: secret(props.rules ?? {}) } : props;
}

/** The reverse, after the engine has unwrapped the secrets; trusts what `check` made. */
export function fromProps(props: Props): HbaState {
  return readFields(FIELDS, props);
}
