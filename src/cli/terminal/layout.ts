import { styleText } from "node:util";
import stringWidth from "string-width";
import type { SEVERITIES } from "../../audit/finding";
import { printable } from "../../printable";

type Severity = (typeof SEVERITIES)[number];

/** What lines are laid out for. */
export interface Screen {
  /** How wide standard output is; 80 where it is no terminal. */
  readonly columns: number;
  readonly color: boolean;
}

/** Some terminals say 0 for "not known"; in very narrow ones every word would stand alone. */
export function usableWidth(columns: number | undefined): number {
  return Math.max(columns || 80, 40);
}

/** Text, made printable, in lines of at most `width`, those after the first indented. A word that is longer stands alone. */
export function wrapped(text: string, width: number, indent: string): string {
  const [first = "", ...words] = printable(text).match(/ *[^ ]+/g) ?? [];
  const lines = [first];
  for (const word of words) {
    const longer = `${lines.at(-1)}${word}`;
    if (stringWidth(longer) > width) lines.push(indent + word.trimStart());
    else lines[lines.length - 1] = longer;
  }
  return lines.join("\n");
}

/** `label       text`, the text wrapped beside its label. */
export function labelled({ columns }: Screen, label: string, text: string): string {
  return `${wrapped(`${label.padEnd(LABEL_WIDTH)}${text}`, columns, " ".repeat(LABEL_WIDTH))}\n`;
}

const LABEL_WIDTH = 12;

/** Cells, made printable, in columns as wide as their widest; the last one runs on. */
export function table(given: readonly (readonly string[])[]): string[] {
  const rows = given.map((row) => row.map(printable));
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => stringWidth(row[i] ?? ""))));
  return rows.map((row) =>
    row
      .map((cell, i) => pad(cell, widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function pad(cell: string, width: number): string {
  return cell + " ".repeat(Math.max(0, width - stringWidth(cell)));
}

/** Text, made printable, at most this wide; what is cut off is marked. */
export function shortened(given: string, width: number): string {
  const text = printable(given);
  if (stringWidth(text) <= width) return text;
  let kept = "";
  for (const character of text) {
    if (stringWidth(kept + character) > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

const COLORS = { error: "red", warning: "yellow", info: "dim" } as const;

export function colored({ color }: Screen, severity: Severity, text: string): string {
  return color ? styleText(COLORS[severity], text, { validateStream: false }) : text;
}
