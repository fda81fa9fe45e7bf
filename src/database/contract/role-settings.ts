import { escapeIdentifier, escapeLiteral } from "pg";
import type { Product } from "../../hba";

/** Settings whose value is a list that the server keeps quoted one by one (guc_tables.c, GUC_LIST_QUOTE): of names … */
const LISTS_OF_NAMES = ["search_path", "temp_tablespaces"];
/** … and of files, whose upper and lower case count. */
const LISTS_OF_FILES = ["local_preload_libraries", "session_preload_libraries", "shared_preload_libraries"];

/** The end of ALTER ROLE: ` SET "search_path" = 'app', 'public'`, or ` RESET …` for `null`. */
export function settingWords(name: string, value: string | null): string {
  // A part before a dot is an extension's: each is a name of its own.
  const quoted = name.split(".").map(escapeIdentifier).join(".");
  if (value === null) return ` RESET ${quoted}`;
  const names = isList(name) ? namesIn(name, value) : [value];
  return ` SET ${quoted} = ${names.map((text) => escapeLiteral(text).trim()).join(", ")}`;
}

/**
 * Whether two spellings of a value are the same to the server: PostgreSQL keeps what it is given, and of a list its names;
 * CockroachDB may respell what it knows itself, which has no dot in its name.
 */
export function isSameSetting(product: Product, name: string, a: string, b: string): boolean {
  const spell = product === "cockroachdb" && !name.includes(".") ? respelt : asGiven;
  return spell(name, a) === spell(name, b);
}

function asGiven(name: string, value: string): string {
  return isList(name) ? JSON.stringify(namesIn(name, value)) : value;
}

function respelt(name: string, value: string): string {
  if (name.toLowerCase() === "application_name") return value;
  if (/^(on|true|yes)$/i.test(value)) return "on";
  if (/^(off|false|no)$/i.test(value)) return "off";
  const [, count, unit = "ms"] = /^(\d+) *(ms|s|min|h|d)?$/.exec(value) ?? [];
  return count !== undefined && /_timeout$/i.test(name)
    ? `${Number(count) * (MILLISECONDS[unit] ?? 1)} ms`
    : asGiven(name, value);
}

const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `name=value`, as pg_db_role_setting keeps them. */
export function parseSettings(config: readonly string[] | null): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (config ?? []).map((entry) => {
      const end = entry.indexOf("=");
      return [entry.slice(0, end), entry.slice(end + 1)];
    }),
  );
}

function isList(name: string): boolean {
  return [...LISTS_OF_NAMES, ...LISTS_OF_FILES].includes(name.toLowerCase());
}

/** As the server splits them: names that are not quoted in lower case. None at all is kept as one empty name. */
function namesIn(setting: string, list: string): string[] {
  const folds = LISTS_OF_NAMES.includes(setting.toLowerCase());
  const names = [...list.matchAll(/"((?:[^"]|"")*)"|[^\s,"]+/g)].map(([text, quoted]) => {
    if (quoted !== undefined) return quoted.replaceAll('""', '"');
    return folds ? text.toLowerCase() : text;
  });
  return names.length === 0 ? [""] : names;
}
