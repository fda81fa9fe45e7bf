import type { RoleIdentity } from "../../database/contract/role";
import { OPTIONS, type OptionName } from "../../database/contract/role-options";
import { connectionRule } from "../connection/connection-rule";
import { type ArgumentsOf, AS_GIVEN, choice, type Field, FLAG, formerly, TEXT } from "../protocol/fields";
import { flagRule, type Rule, textRule, wholeNumberRule } from "../protocol/rules";
import { isRecord, type Json } from "../protocol/wire";
import { membershipsIn, membershipsTo } from "./membership-lists";
import {
  iterationsRule,
  memberOfRule,
  passwordRule,
  roleNameRule,
  saltSeedRule,
  settingsRule,
  usernameRule,
  validUntilRule,
  verifierRule,
} from "./rules";

interface UserField extends Field {
  /** The verifier depends on it: as long as it is not known, neither is the verifier. */
  readonly decidesVerifier?: true;
  /** Means nothing for a role without a password. */
  readonly ofPassword?: true;
  /** Why it means nothing beside a ready-made verifier. */
  readonly notWithVerifier?: string;
  /** The next `up` declares or finds it again, and no deletion needs it: a record that is too long can do without. */
  readonly dispensable?: true;
}

/** Each takes a full PBKDF2 of the new password. */
const MAX_HISTORY = 24;
/** More than any server takes in its message. */
const MAX_LENGTH = 1_000;
/** PostgreSQL keeps it in an int4. */
const MAX_CONNECTIONS = 2 ** 31 - 1;

const count = (value: Json | undefined) => (typeof value === "number" ? value : 0);

const CREDENTIAL = {
  username: { ...TEXT, rule: usernameRule, decidesVerifier: true, read: (value) => TEXT.read(value) ?? "" },
  password: {
    ...TEXT,
    rule: passwordRule,
    secret: true,
    transient: true,
    decidesVerifier: true,
    dispensable: true,
  },
  /** `undefined` for a user found without a password. */
  verifier: { ...TEXT, rule: verifierRule, secret: true, decidesVerifier: true, dispensable: true },
  /** Declared to have no password. A refresh may have found a hash all the same. */
  passwordless: { ...FLAG, decidesVerifier: true },
  /** As declared; 0 without a password. */
  iterations: {
    rule: iterationsRule,
    decidesVerifier: true,
    ofPassword: true,
    notWithVerifier: "a verifier has its own count inside",
    dispensable: true,
    read: count,
    write: (iterations: number) => (iterations > 0 ? iterations : undefined),
  },
  /** Base64. Absent as long as only ready-made verifiers were given. */
  saltSeed: {
    ...TEXT,
    rule: saltSeedRule,
    secret: true,
    decidesVerifier: true,
    ofPassword: true,
    dispensable: true,
  },
} as const satisfies Readonly<Record<string, UserField>>;

const RULE_OF_KIND: Readonly<Record<(typeof OPTIONS)[OptionName]["kind"], Rule>> = {
  flag: flagRule,
  count: wholeNumberRule(-1, MAX_CONNECTIONS),
  instant: validUntilRule,
};

/** As declared. What is not declared is the product's own. */
const ROLE_OPTIONS: Readonly<Record<string, UserField>> = Object.fromEntries(
  Object.entries(OPTIONS).map(([name, { kind }]) => [
    name,
    { ...AS_GIVEN, rule: RULE_OF_KIND[kind], ...(name === "login" && { decidesVerifier: true }) },
  ]),
);

const ROLE = {
  /** Exactly these. Not declared, memberships are left alone. */
  memberOf: { rule: memberOfRule, read: membershipsIn, write: (list) => list && membershipsTo(list) },
  /** Exactly these. Not declared, they are left alone. */
  settings: {
    rule: settingsRule,
    // Numbers and booleans as text, which is how the server has them.
    read: (value): Readonly<Record<string, string>> | undefined =>
      isRecord(value)
        ? Object.fromEntries(Object.entries(value).map(([name, setting]) => [name, String(setting)]))
        : undefined,
    write: (settings: Readonly<Record<string, string>> | undefined) => settings,
  },
  rotationKey: { ...TEXT, rule: textRule, decidesVerifier: true, dispensable: true },
  passwordHistory: {
    ...AS_GIVEN,
    rule: wholeNumberRule(1, MAX_HISTORY),
    transient: true,
    decidesVerifier: true,
  },
  minLength: {
    ...AS_GIVEN,
    rule: wholeNumberRule(1, MAX_LENGTH),
    transient: true,
    decidesVerifier: true,
    ofPassword: true,
    notWithVerifier: "a verifier does not tell the length",
  },
  adopt: FLAG,
  /** What becomes of the role when its resource is deleted. */
  onDelete: choice("drop", "disable", "retain"),
  reassignOwnedTo: { ...TEXT, rule: roleNameRule },
  /** How a refresh finds out whether the password is still the recorded one. */
  driftCheck: {
    ...formerly(choice("catalog", "handshake", "off"), { none: "off" }),
    dispensable: true,
  },
  /** Which resource this is (ownership/deployment.ts). That of the first `up`, should the resource be renamed later. */
  owner: { ...TEXT, rule: textRule, internal: true },
  /** Whether `ignoreChanges` takes the password out of the arguments. */
  keepsPassword: { ...FLAG, internal: true, transient: true },
  /** A URL usually holds the administrator's password. */
  connection: { ...AS_GIVEN, rule: connectionRule, secret: true, dispensable: true },
} as const satisfies Readonly<Record<string, UserField>>;

/** What no program gives. */
const RECORDED = {
  /** What a refresh found the role to be named by now. Nothing declares it: the next `up` takes it back. */
  renamedTo: TEXT,
  /** Where a refresh found another hash than the declared one: the declared one, which the rules for rotations go by. */
  declaredVerifier: { ...TEXT, secret: true, dispensable: true },
  /** How many passwords this user has had. Plain, so that a preview shows a rotation. */
  generation: { read: count, write: (generation: number) => generation, dispensable: true },
  /** Verifiers of earlier passwords, the latest first, as many as `passwordHistory` says. */
  history: {
    read: (value): readonly string[] => (Array.isArray(value) ? value : []),
    write: (history: readonly string[]) => (history.length > 0 ? history : undefined),
    secret: true,
    dispensable: true,
  },
  /** Of StrictIsolation: the server has never seen the declared password (user-set/isolated-users.ts). */
  isolated: { read: FLAG.read, write: FLAG.write, dispensable: true },
  /** Only of the outputs: which role of that name it is. */
  identity: {
    read: (value) => value as RoleIdentity | undefined,
    write: (identity: RoleIdentity | undefined) => identity && { ...identity },
    dispensable: true,
  },
} as const satisfies Readonly<Record<string, UserField>>;

/** What a state holds of a user beside the options of its role. */
export const OWN_FIELDS = { ...CREDENTIAL, ...ROLE, ...RECORDED };

export type ArgumentName = ArgumentsOf<typeof OWN_FIELDS> | OptionName;

/** Every argument of a ScramUser and what is recorded of it, in the order that messages list them. */
export const FIELDS: Readonly<Record<string, UserField>> = {
  ...CREDENTIAL,
  ...ROLE_OPTIONS,
  ...ROLE,
  ...RECORDED,
};
