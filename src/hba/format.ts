import { isCockroachdb } from "./dialect";
import type { HbaFile, HbaLine, RuleLine } from "./model";

export interface FormatOptions {
  /**
   * Align the columns and trim blanks. Comments, quoting and the order of the lines stay.
   * @default false, which gives back the parsed text unchanged
   */
  readonly normalise?: boolean;
}

export function formatHba(file: HbaFile, options: FormatOptions = {}): string {
  if (!options.normalise) return file.lines.map((line) => line.text).join("");
  const widths = columnWidths(file.lines.filter((line) => line.kind === "rule"));
  // The last line may have none; it gets the first one's.
  const [usual = "\n"] = /\r?\n/.exec(file.lines[0]?.text ?? "") ?? [];
  return file.lines
    .map((line) => {
      const text = normalised(line, widths);
      // Elsewhere than at its old place, a backslash at the end would continue the line.
      const kept = !isCockroachdb(file.dialect) && text.endsWith("\\");
      const [end = usual] = LINE_END.exec(line.text) ?? [];
      return (kept ? line.text.replace(LINE_END, "") : text) + end;
    })
    .join("");
}

const LINE_END = /\r?\n$/;

/** Type, databases, users, address with its mask, method, and all options as one. */
type Columns = readonly [string, string, string, string, string, string];

function columnsOf({ fields, entry }: RuleLine): Columns {
  const [type = "", databases = "", users = "", ...rest] = fields;
  const addressFields = fieldsOf(entry.address);
  const address = rest.slice(0, addressFields).join(" ");
  const [method = "", ...options] = rest.slice(addressFields);
  return [type, databases, users, address, method, options.join(" ")];
}

function fieldsOf(address: RuleLine["entry"]["address"]): number {
  if (address === undefined) return 0;
  return hasMask(address) ? 2 : 1;
}

function hasMask(address: NonNullable<RuleLine["entry"]["address"]>): boolean {
  return address.kind === "network" && address.mask !== undefined;
}

/** A longer one, a list of many names for instance, stands out by itself rather than push the others of all lines away. */
const MAX_COLUMN = 60;

function columnWidths(rules: readonly RuleLine[]): number[] {
  const widths: number[] = [];
  for (const rule of rules) {
    for (const [i, column] of columnsOf(rule).entries()) {
      if (column.length <= MAX_COLUMN) widths[i] = Math.max(widths[i] ?? 0, column.length);
    }
  }
  // Options are the last column, seldom given and of any length: a comment follows them directly.
  widths[5] = 0;
  return widths;
}

function normalised(line: HbaLine, widths: readonly number[]): string {
  switch (line.kind) {
    case "rule":
      return withComment(aligned(columnsOf(line), widths), line.comment);
    case "include":
      return withComment(line.fields.join(" "), line.comment);
    case "comment":
      return trimEnd(line.comment ?? "");
    case "blank":
      return "";
    case "invalid":
      return line.text.replace(LINE_END, "");
  }
}

/** Padded up to the last column that holds something: what stands there may itself end in a blank. */
function aligned(columns: Columns, widths: readonly number[]): string {
  const last = columns.findLastIndex((column) => column !== "");
  return columns
    .slice(0, last + 1)
    .map((column, i) => (i === last ? column : column.padEnd(widths[i] ?? 0)))
    .filter((column) => column !== "")
    .join(" ");
}

function withComment(text: string, comment: string | undefined): string {
  return comment === undefined ? text : `${text}  ${trimEnd(comment)}`;
}

function trimEnd(text: string): string {
  let end = text.length;
  while (" \t\r".includes(text.charAt(end - 1)) && end > 0) end--;
  return text.slice(0, end);
}
