import type { Field, Token } from "../model";
import type { HbaSyntaxError, Position } from "./syntax-error";

/** A line cut into fields: what both scanners hand to the parser. */
export interface ScannedLine {
  /** The original text with its line ends. */
  readonly text: string;
  readonly line: number;
  readonly endLine: number;
  readonly fields: readonly ScannedField[];
  /** From `#` to the end, if there is one. */
  readonly comment?: string;
  /** Where the line ends, for errors about something missing. */
  readonly end: Position;
  /** Where a quote was opened that PostgreSQL never saw closed. */
  readonly unclosedQuote?: Position;
  /** What CockroachDB's scanner refuses. */
  readonly error?: HbaSyntaxError;
}

export interface ScannedField {
  readonly tokens: Field;
  /** The field as written, lists without blanks. */
  readonly raw: string;
}

/** The lines of a text, each with its line end; joined they are the text. */
export function physicalLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? [];
}

/** A field of at least one token, or undefined. */
export function fieldOf(tokens: readonly Token[]): Field | undefined {
  const [first, ...others] = tokens;
  return first === undefined ? undefined : [first, ...others];
}
