import type { Product } from "../../hba";
import { compact, type Json, type Props, secret } from "../protocol/wire";
import type { KeyedLines } from "./lines";

/** What is recorded of an HbaConfig. */
export interface HbaState {
  readonly product: Product;
  /** The text, line by line. Secret when one holds a password (LDAP, RADIUS). */
  readonly rules: KeyedLines;
  readonly secretRules: boolean;
  readonly guard: "on" | "strict" | "warn" | "off";
  readonly allowLockout: readonly string[];
  readonly onDelete: "restore" | "reset" | "leave";
  readonly connection: Json | undefined;
  /** Only of the outputs. Secret: what was found at creation, for `restore`. */
  readonly previous?: string | null;
  /** Only of the outputs: the server that `previous` is of. */
  readonly cluster?: string | null;
}

export function toProps({ secretRules, rules, connection, previous, ...plain }: HbaState): Props {
  return compact({
    ...plain,
    rules: secretRules ? secret(rules) : rules,
    secretRules,
    connection: secret(connection),
    previous: secret(previous),
  });
}

/** The reverse, after the engine has unwrapped the secrets; trusts what `check` made. */
export function fromProps(props: Props): HbaState {
  return {
    product: props.product as Product,
    rules: (props.rules ?? {}) as KeyedLines,
    secretRules: props.secretRules === true,
    guard: (props.guard ?? "on") as HbaState["guard"],
    allowLockout: (props.allowLockout ?? []) as readonly string[],
    onDelete: (props.onDelete ?? "restore") as HbaState["onDelete"],
    connection: props.connection,
    ...(props.previous !== undefined && { previous: props.previous as string | null }),
    ...(props.cluster !== undefined && { cluster: props.cluster as string | null }),
  };
}
