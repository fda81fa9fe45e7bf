import { isDeepStrictEqual } from "node:util";
import { MEMBERSHIP_OPTIONS, type MembershipGrant } from "../../../database/contract/membership";
import { MAX_NAME_BYTES } from "../../../database/contract/role";
import { OPTION_NAMES, OPTIONS, type OptionName } from "../../../database/contract/role-options";
import { userErrorIn } from "../../../errors";
import type { Product } from "../../../hba";
import { checkIterations, MIN_ITERATIONS } from "../../../scram/iterations";
import { looksLikeHash } from "../../../scram/stored-hash";
import { HALF_A_PAIR, textProblem } from "../../../scram/text";
import { parseVerifier } from "../../../scram/verifier-text";
import { connectionRule } from "../../connection/connection-rule";
import { accident, placeholder } from "../../protocol/accident";
import { type CheckFailure, hasUnknown, isRecord, type Json, type Props, UNKNOWN } from "../../protocol/wire";
import { membershipsIn, membershipsTo } from "../state/membership-lists";
import { isSaltSeed } from "./salt";

/** What is wrong with a known value; nothing when it is right. Never repeats a secret. */
type Rule = (value: Json) => string | undefined;

const RULES: Readonly<Record<string, Rule>> = {
  username: usernameRule,
  password: passwordRule,
  verifier: (value) =>
    typeof value === "string" ? mistakeReason(() => parseVerifier(value)) : "must be text",
  passwordless: flagRule,
  iterations: (value) =>
    typeof value === "number"
      ? mistakeReason(() => checkIterations(value))
      : `must be a whole number from ${MIN_ITERATIONS} on`,
  saltSeed: (value) =>
    typeof value === "string" && isSaltSeed(value)
      ? undefined
      : "must be base64 of at least 16 random bytes, for instance the `base64` of a random.RandomBytes",
  ...Object.fromEntries(OPTION_NAMES.map((name) => [name, optionRule(name)])),
  memberOf: memberOfRule,
  settings: settingsRule,
  rotationKey: textRule,
  passwordHistory: (value) => wholeNumber(value, 1, MAX_HISTORY),
  minLength: (value) => wholeNumber(value, 1, MAX_LENGTH),
  adopt: flagRule,
  onDelete: (value) => oneOf(value, ["drop", "disable", "retain"]),
  reassignOwnedTo: nameRule,
  driftCheck: (value) => oneOf(value, ["catalog", "handshake", "none"]),
  owner: textRule,
  keepsPassword: flagRule,
  connection: connectionRule,
};

/** Each takes a full PBKDF2 of the new password. */
const MAX_HISTORY = 24;
/** More than any server takes in its message. */
const MAX_LENGTH = 1_000;

/** What the resource class adds by itself. */
export const INTERNAL: readonly string[] = ["owner", "keepsPassword"];

/**
 * Under `ignoreChanges` the engine copies recorded values over the program's. Of what we record beside the arguments,
 * `generation` and the like say nothing new, and a `verifier` beside a password asks for the recorded one to stay.
 */
export function withoutRecorded(args: Props, olds: Props): Props {
  const copied = (key: string) => args[key] !== undefined && isDeepStrictEqual(args[key], olds[key]);
  const dropped = new Set([
    ...["generation", "history", "declaredVerifier", "renamedTo", "isolated"].filter(copied),
    ...(copied("verifier") ? ["password", "minLength"] : []),
    ...(copied("verifier") && copied("iterations") ? ["iterations"] : []),
  ]);
  return Object.fromEntries(Object.entries(args).filter(([key]) => !dropped.has(key)));
}

/** An Output of nothing arrives as `null`. */
export function withoutNothing(args: Props): Props {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null));
}

/** What is wrong with the arguments of a ScramUser, each in one sentence; values not known yet are not judged. */
export function argumentFailures(args: Props): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const fail = (argument: string, reason: string) => {
    failures.push({ property: "", reason: `${argument} ${reason}` });
  };
  for (const [property, value] of Object.entries(args)) {
    const known = Object.hasOwn(RULES, property) ? RULES[property] : undefined;
    if (known === undefined)
      fail(property, `is not an argument of a ScramUser; it takes ${ARGUMENTS.join(", ")}`);
    else if (!hasUnknown(value)) {
      const reason = known(value);
      if (reason !== undefined) fail(property, reason);
    }
  }
  if (args.password !== undefined && args.verifier !== undefined) {
    fail("password", "and verifier are both given; give one of them");
  }
  const credential = ["password", "verifier"].find((key) => args[key] !== undefined);
  if (args.passwordless === true && credential !== undefined)
    fail("passwordless", `and ${credential} are both given; give one of them`);
  for (const key of ["iterations", "minLength", "saltSeed"]) {
    if (isPasswordless(args) && args[key] !== undefined)
      fail(key, "goes with a password; this role has none");
  }
  for (const [key, why] of [
    ["iterations", "a verifier has its own count inside"],
    ["minLength", "a verifier does not tell the length"],
  ] as const) {
    if (args[key] !== undefined && args.verifier !== undefined) fail(key, `goes with a password; ${why}`);
  }
  const onDelete = args.onDelete ?? (args.adopt === true ? "retain" : "drop");
  if (args.reassignOwnedTo !== undefined && onDelete !== "drop" && onDelete !== UNKNOWN) {
    fail("reassignOwnedTo", `goes with onDelete: "drop"; this role is not to be dropped`);
  }
  // What is given to oneself, DROP OWNED would destroy. Of other spellings the server's product decides.
  // In a preview, what is not known yet is one text, whatever it will be.
  const name = args.username === UNKNOWN ? undefined : args.username;
  if (name !== undefined && name === args.reassignOwnedTo)
    fail("reassignOwnedTo", "is the role itself, which is to be dropped; name another");
  if (name !== undefined && membershipsIn(args.memberOf)?.some(({ role }) => role === name))
    fail("memberOf", "names the role itself");
  const [own, foreign] = [optionOfOne(args, "postgresql"), optionOfOne(args, "cockroachdb")];
  if (own !== undefined && foreign !== undefined) {
    fail(own, `is an option of PostgreSQL alone, and ${foreign} one of CockroachDB alone`);
  }
  return failures;
}

/** Who does not log in needs no password; of who does, the program has to say so. */
export function isPasswordless({ password, verifier, passwordless, login }: Props): boolean {
  return password === undefined && verifier === undefined && (passwordless ?? login === false) === true;
}

/** An option among the arguments that only this product has. */
export function optionOfOne(args: Props, product: Product): OptionName | undefined {
  return OPTION_NAMES.find((name) => {
    const { products } = OPTIONS[name];
    return args[name] !== undefined && products.length === 1 && products[0] === product;
  });
}

export const ARGUMENTS: readonly string[] = Object.keys(RULES).filter((key) => !INTERNAL.includes(key));

function optionRule(name: OptionName): Rule {
  const { kind } = OPTIONS[name];
  if (kind === "flag") return flagRule;
  return kind === "instant" ? validUntilRule : (value) => wholeNumber(value, -1, MAX_CONNECTIONS);
}

/** PostgreSQL keeps it in an int4. */
const MAX_CONNECTIONS = 2 ** 31 - 1;

function flagRule(value: Json): string | undefined {
  return typeof value === "boolean" ? undefined : "must be true or false";
}

function textRule(value: Json): string | undefined {
  return typeof value === "string" && value !== "" ? accident(value) : "must be text, and not empty";
}

function oneOf(value: Json, words: readonly string[]): string | undefined {
  return words.includes(value as string) ? undefined : `must be one of ${words.join(", ")}`;
}

function wholeNumber(value: Json, least: number, most: number): string | undefined {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most
    ? undefined
    : `must be a whole number from ${least} to ${most}`;
}

function settingsRule(value: Json): string | undefined {
  if (!isRecord(value)) return "must be an object of settings and their values";
  const seen = new Set<string>();
  for (const [name, setting] of Object.entries(value)) {
    if (seen.has(name.toLowerCase())) return `names "${name}" twice, differing only in case`;
    seen.add(name.toLowerCase());
    if (!/^[a-z_][\w$]*(\.[a-z_][\w$]*)*$/i.test(name))
      return `names "${name}", which cannot be the name of a setting`;
    if (setting === null || typeof setting === "object")
      return `must give text, a number or true or false for "${name}"`;
    const problem = textProblem(String(setting)) ?? (setting === "" ? undefined : accident(String(setting)));
    if (problem !== undefined) return `gives a value for "${name}" that ${problem}`;
  }
  return undefined;
}

function nameRule(value: Json): string | undefined {
  if (typeof value !== "string" || value === "") return "must be a name";
  return Buffer.byteLength(value) > MAX_NAME_BYTES
    ? `is longer than ${MAX_NAME_BYTES} bytes, which servers cut off or refuse`
    : (textProblem(value) ?? accident(value));
}

function memberOfRule(value: Json): string | undefined {
  const entries = membershipsIn(value);
  if (entries === undefined || !entries.every(isMembership))
    return "must be a list of names of roles, or of objects of role, admin, inherit and set, which are true or false";
  const spelt = new Map<string, Json>();
  for (const entry of entries) {
    const [spelling = null] = membershipsTo([entry]);
    if (!isDeepStrictEqual(spelt.get(entry.role) ?? spelling, spelling))
      return `names "${entry.role}" twice, with different options`;
    spelt.set(entry.role, spelling);
  }
  return entries.map(({ role }) => nameRule(role)).find((reason) => reason !== undefined);
}

function isMembership({ role, ...options }: MembershipGrant): boolean {
  const known: readonly string[] = MEMBERSHIP_OPTIONS;
  const isOption = ([name, flag]: [string, unknown]) => known.includes(name) && typeof flag === "boolean";
  return typeof role === "string" && role !== "" && Object.entries(options).every(isOption);
}

function usernameRule(value: Json): string | undefined {
  const isReserved = /^(pg_.*|public|none)$/s.test(String(value));
  return nameRule(value) ?? (isReserved ? "is a name that the server keeps for itself" : undefined);
}

function passwordRule(value: Json): string | undefined {
  if (typeof value !== "string") return "must be text";
  if (value === "") return "is empty; a user without a password cannot log in with one";
  if (value.includes("\0")) return "has a NUL character, which PostgreSQL and libpq take for its end";
  if (!value.isWellFormed()) return HALF_A_PAIR;
  const mistake = accident(value) ?? placeholder(value);
  if (mistake !== undefined) return mistake;
  if (looksLikeHash(value))
    return "looks like a stored hash, and a server would store it as one; give a SCRAM verifier as `verifier`";
  return undefined;
}

/** With a zone, or the server's own would decide. What is no day of the calendar, or no zone, the server would refuse. */
function validUntilRule(value: Json): string | undefined {
  const [, local = "", sign, hours, minutes] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(?:Z|([+-])(\d\d):(\d\d))$/.exec(String(value)) ??
    [];
  // Date carries a 30th of February over into March; spelt out again, it is another day.
  const day = local.slice(0, 10);
  const exists =
    day > "0001" &&
    !Number.isNaN(Date.parse(`${local}Z`)) &&
    new Date(`${local}Z`).toISOString().startsWith(day);
  const zoneExists = sign === undefined || (Number(hours) < 16 && Number(minutes) < 60);
  return exists && zoneExists
    ? undefined
    : "must be an ISO 8601 date and time with a zone, for instance 2027-01-31T00:00:00Z; for a password that never expires, leave it out";
}

function mistakeReason(judge: () => unknown): string | undefined {
  const mistake = userErrorIn(judge);
  return mistake && `is refused: ${mistake}`;
}
