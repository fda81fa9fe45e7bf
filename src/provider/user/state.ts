import type { RoleIdentity } from "../../database/role";
import { compact, type Json, type Props, secret } from "../wire";

/**
 * What is recorded of a user: the checked inputs, and the outputs after them. There is no password in it.
 * A value is `undefined` where the state has none, for instance the verifier of a user found without a password.
 */
export interface UserState {
  readonly username: string;
  /** Secret. */
  readonly verifier: string | undefined;
  /** Secret; base64. Absent as long as only ready-made verifiers were given. */
  readonly saltSeed: string | undefined;
  /** How many passwords this user has had. Plain, so that a preview shows a rotation. */
  readonly generation: number;
  /** As declared. */
  readonly iterations: number;
  readonly login: boolean;
  readonly validUntil: string | undefined;
  /** Secret: a URL usually holds the administrator's password. */
  readonly connection: Json | undefined;
  /** Only of the outputs: which role of that name it is. */
  readonly identity: RoleIdentity | undefined;
}

export function toProps(state: UserState): Props {
  const { identity, ...rest } = state;
  return secretProps({ ...rest, identity: identity && { ...identity } });
}

/** Also what the engine is told to keep secret, and what no check failure may name. */
export const SECRET_KEYS: readonly string[] = ["password", "verifier", "saltSeed", "connection"];

/** Wraps what is secret, whether known or not, and leaves out what is not there. */
export function secretProps(props: Readonly<Record<string, Json | undefined>>): Props {
  const wrapped = { ...props };
  for (const key of SECRET_KEYS) wrapped[key] = secret(wrapped[key]);
  return compact(wrapped);
}

/** The reverse of `toProps`, after the engine has unwrapped the secrets. Tolerates a state that lacks something. */
export function fromProps(props: Props): UserState {
  const text = (key: string) => (typeof props[key] === "string" ? props[key] : undefined);
  const count = (key: string) => (typeof props[key] === "number" ? props[key] : 0);
  return {
    username: text("username") ?? "",
    verifier: text("verifier"),
    saltSeed: text("saltSeed"),
    generation: count("generation"),
    iterations: count("iterations"),
    login: props.login !== false,
    validUntil: text("validUntil"),
    connection: props.connection,
    identity: props.identity as RoleIdentity | undefined,
  };
}
