import { printable } from "./printable";

/**
 * A mistake the user can put right: one sentence (`message`), a stable kebab-case `code`, often a `hint`. What it quotes of others
 * is printable in it, wherever it is shown.
 * Any other error thrown by this package is a bug. Neither a password nor a verifier is ever part of it.
 */
export class UserError extends Error {
  /** Stable name of the mistake, for programs; the sentence may be reworded, the code not. */
  readonly code: string;
  /** What to do about it; also the end of `message`. Absent, not undefined, when there is none. */
  declare readonly hint?: string;

  readonly #problem: string;

  static {
    // On the prototype, so that it is not printed among an instance's own properties.
    UserError.prototype.name = "UserError";
  }

  /** @param problem a sentence; or several that are each a line, of several things */
  constructor(
    code: string,
    problem: string | readonly string[],
    options: { hint?: string; cause?: unknown } = {},
  ) {
    const hint = options.hint === undefined ? undefined : printable(options.hint);
    const { cause } = options;
    const sentences = [problem].flat().map(printable).join("\n");
    super(
      hint === undefined ? sentences : `${sentences}; ${hint}`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    this.#problem = sentences;
    if (hint !== undefined) this.hint = hint;
  }

  /** What is wrong, without what to do about it: the beginning of `message`. */
  get withoutHint(): string {
    return this.#problem;
  }
}

export function isUserError(error: unknown): error is UserError {
  return error instanceof UserError;
}

/** The sentence of the mistake that a judge throws, if it does. */
export function userErrorIn(judge: () => unknown): string | undefined {
  try {
    judge();
    return undefined;
  } catch (error) {
    if (isUserError(error)) return error.message;
    throw error;
  }
}
