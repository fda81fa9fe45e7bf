import {
  type Dialect,
  type DialectOptions,
  dialectOf,
  isCockroachdb,
  type Product,
  postgresqlHas,
} from "../dialect";
import type { HbaFile, HbaLine } from "../model";
import { parseEntry } from "./parse-entry";
import { scanCockroachdb } from "./scan-cockroachdb";
import { scanPostgresql } from "./scan-postgresql";
import type { ScannedLine } from "./scanned-line";
import { HbaSyntaxError } from "./syntax-error";

/**
 * Parses a text as its server does: line by line, whatever the rules mean. What a rule says may still be something
 * the server refuses; `lintHba` tells.
 *
 * @throws HbaSyntaxError the error the server reports first, in its words
 * @example parseHba("host all all 10.0.0.0/8 scram-sha-256", "postgresql").lines[0]?.kind // "rule"
 */
export function parseHba(text: string, product: Product, options: DialectOptions = {}): HbaFile {
  const file = parseHbaLeniently(text, product, options);
  const errors = syntaxErrors(file);
  const first = errors[0];
  if (first === undefined) return file;
  // CockroachDB scans the whole text before it parses the first line.
  throw errors.find((error) => error.sqlState === "XXUUU") ?? first;
}

/** Like {@link parseHba}, but keeps a line that can't be parsed as `invalid`, with its error, and goes on. */
export function parseHbaLeniently(text: string, product: Product, options: DialectOptions = {}): HbaFile {
  const dialect = dialectOf(product, options);
  return { dialect, lines: scan(text, dialect).map((line) => parseLine(line, dialect)) };
}

export function syntaxErrors(file: HbaFile): HbaSyntaxError[] {
  return file.lines.flatMap((line) => (line.kind === "invalid" ? [line.error] : []));
}

export function scan(text: string, dialect: Dialect): ScannedLine[] {
  return isCockroachdb(dialect) ? scanCockroachdb(text, dialect) : scanPostgresql(text);
}

function parseLine(scanned: ScannedLine, dialect: Dialect): HbaLine {
  const { text, line, endLine, comment } = scanned;
  const lines = { text, line, endLine, ...(comment === undefined ? {} : { comment }) };
  const fields = scanned.fields.map((field) => field.raw);
  if (scanned.error !== undefined) return { ...lines, kind: "invalid", error: scanned.error };
  if (fields.length === 0) return { ...lines, kind: comment === undefined ? "blank" : "comment" };
  const include = includeOf(scanned, dialect);
  if (include !== undefined) return { ...lines, kind: "include", ...include, fields };
  try {
    return { ...lines, kind: "rule", entry: parseEntry(scanned, dialect), fields };
  } catch (error) {
    if (error instanceof HbaSyntaxError) return { ...lines, kind: "invalid", error };
    throw error;
  }
}

const DIRECTIVES = ["include", "include_if_exists", "include_dir"] as const;

/** Exactly two fields, the first of them a directive's name, quoted or not. */
function includeOf({ fields }: ScannedLine, dialect: Dialect) {
  const [name, path] = fields;
  if (name === undefined || path === undefined || fields.length !== 2) return undefined;
  if (!postgresqlHas(dialect, "includeDirectives")) return undefined;
  const directive = DIRECTIVES.find((known) => known === name.tokens[0].value);
  return directive && { directive, path: path.tokens[0].value };
}
