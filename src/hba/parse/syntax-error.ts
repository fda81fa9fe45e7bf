import { UserError } from "../../errors";

/** Where in a text something is, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

interface Details {
  readonly hint?: string;
  /** @default F0000, config_file_error */
  readonly sqlState?: string;
}

/** A text that its server can't parse. The message is the server's own, its line number in front. */
export class HbaSyntaxError extends UserError {
  readonly line: number;
  readonly column: number;
  /** The server's words, without the line number. */
  readonly problem: string;
  readonly sqlState: string;

  constructor(code: string, at: Position, problem: string, details: Details = {}) {
    super(code, `line ${at.line}: ${problem}`, details.hint === undefined ? {} : { hint: details.hint });
    this.line = at.line;
    this.column = at.column;
    this.problem = problem;
    this.sqlState = details.sqlState ?? "F0000";
  }
}
