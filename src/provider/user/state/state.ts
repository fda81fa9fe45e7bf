import type { MembershipGrant } from "../../../database/contract/membership";
import type { RoleIdentity } from "../../../database/contract/role";
import { entriesOf, OPTION_NAMES, OPTIONS, type RoleOptions } from "../../../database/contract/role-options";
import { compact, type Json, type Props, secret } from "../../protocol/wire";
import { membershipsIn, membershipsTo } from "./membership-lists";

/** What becomes of the role when its resource is deleted. */
export type OnDelete = "drop" | "disable" | "retain";

/** How a refresh finds out whether the password is still the recorded one. */
export type DriftCheck = "catalog" | "handshake" | "none";

/**
 * What is recorded of a user: the checked inputs, and the outputs after them. There is no password in it.
 * A value is `undefined` where the state has none, for instance the verifier of a user found without a password.
 */
export interface UserState {
  readonly username: string;
  /** What a refresh found the role to be named by now. Nothing declares it: the next `up` takes it back. */
  readonly renamedTo: string | undefined;
  /** Secret. */
  readonly verifier: string | undefined;
  /** Declared to have no password. A refresh may have found a hash all the same. */
  readonly passwordless: boolean;
  /**
   * Secret. Where a refresh found another hash than the declared one in its place: the declared one, which the rules for
   * rotations go by.
   */
  readonly declaredVerifier: string | undefined;
  /** Secret; base64. Absent as long as only ready-made verifiers were given. */
  readonly saltSeed: string | undefined;
  /** How many passwords this user has had. Plain, so that a preview shows a rotation. */
  readonly generation: number;
  /** As declared; 0 without a password. */
  readonly iterations: number;
  /** Secret; verifiers of earlier passwords, the latest first, as many as `passwordHistory` says. */
  readonly history: readonly string[];
  readonly rotationKey: string | undefined;
  /** Of StrictIsolation: the server has never seen the declared password (user-set/isolated-users.ts). */
  readonly isolated: boolean;
  /** As declared, and `login`. What is not declared is the product's own. */
  readonly options: RoleOptions;
  /** As declared: exactly these. Not declared, memberships are left alone. */
  readonly memberOf: readonly MembershipGrant[] | undefined;
  /** As declared: exactly these. Not declared, they are left alone. */
  readonly settings: Readonly<Record<string, string>> | undefined;
  readonly adopt: boolean;
  readonly onDelete: OnDelete;
  readonly reassignOwnedTo: string | undefined;
  readonly driftCheck: DriftCheck;
  /** Which resource this is (deployment.ts). That of the first `up`, should the resource be renamed later. */
  readonly owner: string | undefined;
  /** Secret: a URL usually holds the administrator's password. */
  readonly connection: Json | undefined;
  /** Only of the outputs: which role of that name it is. */
  readonly identity: RoleIdentity | undefined;
}

/** What is left at its default is not recorded, so that a preview shows no more than was declared. */
export function toProps({
  options,
  iterations,
  passwordless,
  memberOf,
  history,
  isolated,
  adopt,
  onDelete,
  driftCheck,
  identity,
  ...rest
}: UserState): Props {
  return secretProps({
    ...rest,
    ...Object.fromEntries(entriesOf(options)),
    ...credentialProps({ iterations, passwordless, history }),
    isolated: isolated ? true : undefined,
    memberOf: memberOf && membershipsTo(memberOf),
    adopt: adopt ? true : undefined,
    onDelete: onDelete === "drop" ? undefined : onDelete,
    driftCheck: driftCheck === "catalog" ? undefined : driftCheck,
    identity: identity && { ...identity },
  });
}

/** Of a credential, what is nothing by itself is not recorded either. */
export function credentialProps({
  iterations,
  passwordless,
  history,
}: Pick<UserState, "iterations" | "passwordless" | "history">) {
  return {
    iterations: iterations > 0 ? iterations : undefined,
    passwordless: passwordless ? true : undefined,
    history: history.length > 0 ? history : undefined,
  };
}

/** The inputs that a state came from: all but what the server told. */
export function toInputs(state: UserState): Props {
  return toProps({ ...state, identity: undefined });
}

/** Also what the engine is told to keep secret. */
export const SECRET_KEYS: readonly string[] = [
  "password",
  "verifier",
  "declaredVerifier",
  "saltSeed",
  "history",
  "connection",
];

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
  const texts = (key: string) => (Array.isArray(props[key]) ? (props[key] as string[]) : undefined);
  return {
    username: text("username") ?? "",
    renamedTo: text("renamedTo"),
    verifier: text("verifier"),
    passwordless: props.passwordless === true,
    declaredVerifier: text("declaredVerifier"),
    saltSeed: text("saltSeed"),
    generation: count("generation"),
    iterations: count("iterations"),
    history: texts("history") ?? [],
    rotationKey: text("rotationKey"),
    isolated: props.isolated === true,
    options: optionsIn(props),
    memberOf: membershipsIn(props.memberOf),
    settings: settingsIn(props.settings),
    adopt: props.adopt === true,
    onDelete: (text("onDelete") ?? "drop") as OnDelete,
    reassignOwnedTo: text("reassignOwnedTo"),
    driftCheck: (text("driftCheck") ?? "catalog") as DriftCheck,
    owner: text("owner"),
    connection: props.connection,
    identity: props.identity as RoleIdentity | undefined,
  };
}

const TYPES = { flag: "boolean", count: "number", instant: "string" } as const;

function optionsIn(props: Props): RoleOptions {
  const given = OPTION_NAMES.filter((name) => typeof props[name] === TYPES[OPTIONS[name].kind]);
  return { ...Object.fromEntries(given.map((name) => [name, props[name]])), login: props.login !== false };
}

/** Numbers and booleans as text, which is how the server has them. */
export function settingsIn(settings: Json | undefined): UserState["settings"] {
  if (typeof settings !== "object" || settings === null) return undefined;
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
}
