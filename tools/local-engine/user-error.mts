/** The exit code of `pulumi` for a failed command. */
export const FAILED = 255;
/** The exit code of `pulumi preview --expect-no-changes` when there are changes. */
export const CHANGES_FOUND = 7;

/** A mistake of the user, or a failure that has already been described: shown as one sentence, without a stack. */
export class UserError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = FAILED) {
    super(message);
    this.stack = message;
    this.exitCode = exitCode;
  }
}
