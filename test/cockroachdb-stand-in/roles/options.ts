import type { Profile } from "../profile";
import type { Cursor, Value } from "../sql/cursor";
import { SqlError } from "../wire/sql-error";

/** An option as given: a switch, or a value, `null` for NULL. */
export type RoleOption =
  | { readonly name: string; readonly on: boolean }
  | { readonly name: "PASSWORD" | "VALID UNTIL" | "SUBJECT"; readonly value: Value | null };

/** Facts 3.1: each with a NO… form. */
function switches(profile: Profile): readonly string[] {
  return [
    "LOGIN",
    "SQLLOGIN",
    "CREATEROLE",
    "CREATELOGIN",
    "CREATEDB",
    "CONTROLJOB",
    "CONTROLCHANGEFEED",
    "VIEWACTIVITY",
    "VIEWACTIVITYREDACTED",
    "VIEWCLUSTERSETTING",
    "CANCELQUERY",
    "MODIFYCLUSTERSETTING",
    ...(profile.replicationOption ? ["REPLICATION"] : []),
    ...(profile.bypassRlsOption ? ["BYPASSRLS"] : []),
  ];
}

/** Facts 3.3: these need CREATELOGIN too. */
export const LOGIN_OPTIONS = ["PASSWORD", "VALID UNTIL", "LOGIN", "CREATELOGIN"];

/** Stored as the absence of NOLOGIN and NOSQLLOGIN (facts 3.1). */
export const STORED_NEGATED = ["LOGIN", "SQLLOGIN"];

/** The rest of the statement: options with blanks between, no commas. */
export function parseOptions(cursor: Cursor, profile: Profile): readonly RoleOption[] {
  cursor.accept("with");
  const options: RoleOption[] = [];
  while (!cursor.done) options.push(parseOption(cursor, profile));
  return options;
}

function parseOption(cursor: Cursor, profile: Profile): RoleOption {
  if (cursor.accept("encrypted password") || cursor.accept("password")) {
    return { name: "PASSWORD", value: cursor.accept("null") ? null : wordOrValue(cursor) };
  }
  if (cursor.accept("valid until")) return { name: "VALID UNTIL", value: valueOrNull(cursor) };
  if (profile.subjectOption && cursor.accept("subject"))
    return { name: "SUBJECT", value: valueOrNull(cursor) };
  if (cursor.peek()?.kind !== "word") return cursor.fail();
  const word = cursor.name().toUpperCase();
  const known = switches(profile);
  if (known.includes(word)) return { name: word, on: true };
  if (word.startsWith("NO") && known.includes(word.slice(2))) return { name: word.slice(2), on: false };
  throw new SqlError("42601", `unrecognized role option ${word}`);
}

/** `string_or_placeholder` of the grammar takes a bare word for a string. */
function wordOrValue(cursor: Cursor): Value {
  return cursor.peek()?.kind === "word" ? { literal: cursor.name() } : cursor.value();
}

function valueOrNull(cursor: Cursor): Value | null {
  return cursor.accept("null") ? null : cursor.value();
}

/** Facts 3.1 */
export function checkOptions(options: readonly RoleOption[]): void {
  for (const [i, option] of options.entries()) {
    const earlier = options.slice(0, i).find(({ name }) => name === option.name);
    if (earlier === undefined) continue;
    const conflict = "on" in option && "on" in earlier && option.on !== earlier.on;
    throw new SqlError("42601", conflict ? "conflicting role options" : "redundant role options");
  }
}
