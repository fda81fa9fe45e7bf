import { isDeepStrictEqual } from "node:util";
import { MEMBERSHIP_OPTIONS, type MembershipGrant } from "../../database/contract/membership";
import { MAX_NAME_BYTES } from "../../database/contract/role";
import { userErrorIn } from "../../errors";
import { checkIterations, MIN_ITERATIONS } from "../../scram/iterations";
import { looksLikeHash } from "../../scram/stored-hash";
import { HALF_A_PAIR, textProblem } from "../../scram/text";
import { parseVerifier } from "../../scram/verifier-text";
import { accident, placeholder } from "../protocol/accident";
import { nameRule } from "../protocol/rules";
import { isRecord, type Json } from "../protocol/wire";
import { isSaltSeed } from "./check/salt";
import { membershipsIn, membershipsTo } from "./membership-lists";

export const roleNameRule = nameRule(MAX_NAME_BYTES);

export function usernameRule(value: Json): string | undefined {
  const isReserved = /^(pg_.*|public|none)$/s.test(String(value));
  return roleNameRule(value) ?? (isReserved ? "is a name that the server keeps for itself" : undefined);
}

export function passwordRule(value: Json): string | undefined {
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

export function verifierRule(value: Json): string | undefined {
  return typeof value === "string" ? refusal(() => parseVerifier(value)) : "must be text";
}

export function iterationsRule(value: Json): string | undefined {
  return typeof value === "number"
    ? refusal(() => checkIterations(value))
    : `must be a whole number from ${MIN_ITERATIONS} on`;
}

function refusal(judge: () => unknown): string | undefined {
  const mistake = userErrorIn(judge);
  return mistake && `is refused: ${mistake}`;
}

export function saltSeedRule(value: Json): string | undefined {
  return typeof value === "string" && isSaltSeed(value)
    ? undefined
    : "must be base64 of at least 16 random bytes, for instance the `base64` of a random.RandomBytes";
}

/** With a zone, or the server's own would decide. What is no day of the calendar, or no zone, the server would refuse. */
export function validUntilRule(value: Json): string | undefined {
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

export function settingsRule(value: Json): string | undefined {
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

export function memberOfRule(value: Json): string | undefined {
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
  return entries.map(({ role }) => roleNameRule(role)).find((reason) => reason !== undefined);
}

function isMembership({ role, ...options }: MembershipGrant): boolean {
  const known: readonly string[] = MEMBERSHIP_OPTIONS;
  const isOption = ([name, flag]: [string, unknown]) => known.includes(name) && typeof flag === "boolean";
  return typeof role === "string" && role !== "" && Object.entries(options).every(isOption);
}
