/** What the server answers in place of a result. */
export class SqlError extends Error {
  readonly code: string;
  declare readonly detail?: string;
  declare readonly hint?: string;

  constructor(
    code: string,
    message: string,
    more: { detail?: string | undefined; hint?: string | undefined } = {},
  ) {
    super(message);
    this.code = code;
    if (more.detail !== undefined) this.detail = more.detail;
    if (more.hint !== undefined) this.hint = more.hint;
  }
}

/** Facts 5.6: an error the server gives no code of its own. */
export const UNCATEGORISED = "XXUUU";

/** Facts 1.3.5: an `unimplemented` error's own hint comes after a notice and a referral. */
export function unimplemented(text: string, hint?: string): SqlError {
  const referral = [
    "You have attempted to use a feature that is not yet implemented.",
    "See: https://go.crdb.dev/issue-v/0/stand-in",
  ];
  const lines = hint === undefined ? referral : [...referral, "--", hint];
  return new SqlError("0A000", `unimplemented: ${text}`, { hint: lines.join("\n") });
}

export function syntaxError(near: string): SqlError {
  return new SqlError("42601", `at or near "${near}": syntax error`);
}
