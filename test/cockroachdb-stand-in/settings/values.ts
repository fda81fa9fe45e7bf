import { validateHba } from "../hba/validate";
import { parseIdentityMap } from "../login/identity-map";
import type { Profile } from "../profile";
import type { Cursor } from "../sql/cursor";
import { SqlError, UNCATEGORISED } from "../wire/sql-error";
import { type Definition, HBA_SETTING, IDENTITY_MAP_SETTING } from "./definitions";
import { parseDuration } from "./duration";

/** A value as SET gives it. */
export type Given =
  | { readonly placeholder: number }
  | { readonly text: string; readonly kind: "string" | "number" | "word" };

export function readGiven(cursor: Cursor): Given {
  const token = cursor.next();
  if (token.kind === "placeholder") return { placeholder: Number(token.value) };
  if (token.kind === "symbol" && token.value === "-")
    return { text: `-${cursor.next().value}`, kind: "number" };
  if (token.kind === "string" || token.kind === "number" || token.kind === "word") {
    return { text: token.value, kind: token.kind };
  }
  return cursor.fail();
}

/** Facts 5.2, 2.4: as SHOW will write it. @throws SqlError for a wrong type, range or text */
export function parseSettingValue(
  definition: Definition,
  given: Given,
  values: readonly (string | null)[],
  profile: Profile,
): string {
  const { text, kind } = "placeholder" in given ? resolve(given.placeholder, values) : given;
  const { name, type } = definition;
  const mismatch = (wanted: string, got: string) =>
    new SqlError("42804", `argument of ${name} must be type ${wanted}, not type ${got}`);
  const unparsable = (wanted: string, reason: string) =>
    new SqlError("22P02", `could not parse "${text}" as type ${wanted}: ${reason}`);

  switch (type) {
    case "bool": {
      if (kind === "number") throw mismatch("bool", "int");
      const value = BOOLEANS[text.toLowerCase()];
      return value ?? fail(unparsable("bool", "invalid bool value"));
    }
    case "int": {
      if (!/^-?\d+$/.test(text))
        throw unparsable("int", `strconv.ParseInt: parsing "${text}": invalid syntax`);
      checkRange(definition, Number(text), profile);
      return String(Number(text));
    }
    case "duration":
      return parseDuration(text) ?? fail(unparsable("interval", "invalid interval"));
    case "enum":
      return parseEnum(definition, text);
    case "string":
      if (kind !== "string") throw mismatch("string", kind === "number" ? "int" : "bool");
      validateText(name, text, profile);
      return text;
    case "version":
      throw new SqlError(UNCATEGORISED, "the stand-in does not change its version");
  }
}

const BOOLEANS: Readonly<Record<string, string>> = { true: "true", on: "true", false: "false", off: "false" };

function resolve(placeholder: number, values: readonly (string | null)[]): { text: string; kind: "string" } {
  const text = values[placeholder - 1];
  if (text === undefined || text === null) {
    throw new SqlError("42P02", `no value provided for placeholder: $${placeholder}`);
  }
  return { text, kind: "string" };
}

function checkRange({ name, range }: Definition, value: number, { newRangeErrors }: Profile): void {
  if (range === undefined || (value >= range[0] && value <= range[1])) return;
  const cost = name.includes("default_cost") && !newRangeErrors;
  const text = range[1] === Number.MAX_SAFE_INTEGER ? "cannot be set to a negative value" : undefined;
  const ofRange = cost
    ? `cost not in allowed range (${range[0]},${range[1]})`
    : `expected value in range [${range[0]}, ${range[1]}], got: ${value}`;
  throw new SqlError(UNCATEGORISED, text === undefined ? ofRange : `${text}: ${value}`);
}

/** By name, whatever its case, or by number. */
function parseEnum({ values = {} }: Definition, text: string): string {
  const byName = Object.values(values).find((value) => value === text.toLowerCase());
  const value = byName ?? values[Number(text)];
  if (value !== undefined) return value;
  const available = Object.entries(values).map(([number, name]) => `${number}: ${name}`);
  throw new SqlError(UNCATEGORISED, `invalid string value '${text}' for enum setting`, {
    hint: `Available values: ${available.join(", ")}`,
  });
}

/** Facts 1.3, 1.8 */
function validateText(name: string, text: string, profile: Profile): void {
  if (name === HBA_SETTING) validateHba(text, profile);
  if (name === IDENTITY_MAP_SETTING) parseIdentityMap(text, profile);
}

function fail(error: SqlError): never {
  throw error;
}
