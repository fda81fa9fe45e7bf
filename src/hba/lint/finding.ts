import type { Token } from "../model";
import type { HbaSyntaxError, Position } from "../parse/syntax-error";

export interface HbaFinding {
  /** From 1; 0 where the text as a whole is meant. */
  readonly line: number;
  readonly column: number;
  /**
   * `error`: the server refuses the text. `warning`: it takes it, but a rule can't do what it says, or is dangerous.
   * `info`: worth knowing.
   */
  readonly severity: "error" | "warning" | "info";
  /** Stable kebab-case name. */
  readonly code: string;
  /** One sentence; for an error the server's own words. */
  readonly message: string;
  /** What to do about it: for an error the server's own hint where it gives one. */
  readonly hint?: string;
  /** For an error: the code the server sends. `XXUUU` is CockroachDB's for errors without one. */
  readonly sqlState?: string;
}

const WHOLE_TEXT: Position = { line: 0, column: 0 };

export function error(
  code: string,
  at: Position | undefined,
  message: string,
  details: { hint?: string; sqlState?: string } = {},
): HbaFinding {
  return { ...place(at), severity: "error", code, message, sqlState: "F0000", ...details };
}

export function warning(code: string, at: Position | undefined, message: string, hint?: string): HbaFinding {
  return { ...place(at), severity: "warning", code, message, ...(hint === undefined ? {} : { hint }) };
}

export function info(code: string, at: Position | undefined, message: string, hint?: string): HbaFinding {
  return { ...place(at), severity: "info", code, message, ...(hint === undefined ? {} : { hint }) };
}

export function fromSyntaxError(refused: HbaSyntaxError): HbaFinding {
  const { hint, sqlState } = refused;
  return error(
    refused.code,
    refused,
    refused.problem,
    hint === undefined ? { sqlState } : { hint, sqlState },
  );
}

/** Findings in the order of the text, those about the whole of it first. */
export function sortedByPlace(findings: readonly HbaFinding[]): HbaFinding[] {
  return findings.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

function place(at: Position | Token = WHOLE_TEXT): Position {
  return { line: at.line, column: at.column };
}
