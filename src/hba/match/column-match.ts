/** Whether a rule matches a login, and why. `unknown`: it depends on something that is not evaluated. */
export interface ColumnMatch {
  readonly matches: "yes" | "no" | "unknown";
  /** The end of a sentence that begins with "because". */
  readonly because: string;
}

export const YES: ColumnMatch = { matches: "yes", because: "connection, address, database and user match" };

export function no(because: string): ColumnMatch {
  return { matches: "no", because };
}

export function unknown(because: string): ColumnMatch {
  return { matches: "unknown", because };
}
