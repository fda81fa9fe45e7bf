/**
 * A mistake the user can put right: one sentence (`message`), a stable kebab-case `code`, often a `hint`.
 * Any other error thrown by this package is a bug. Neither a password nor a verifier is ever part of it.
 */
export class ScramError extends Error {
  /** Stable name of the mistake, for programs; the sentence may be reworded, the code not. */
  readonly code: string;
  /** What to do about it; also the end of `message`. Absent, not undefined, when there is none. */
  declare readonly hint?: string;

  readonly #problem: string;

  static {
    // On the prototype, so that it is not printed among an instance's own properties.
    ScramError.prototype.name = "ScramError";
  }

  constructor(code: string, problem: string, options: { hint?: string; cause?: unknown } = {}) {
    const { hint, cause } = options;
    super(hint === undefined ? problem : `${problem}; ${hint}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.#problem = problem;
    if (hint !== undefined) this.hint = hint;
  }

  /** What is wrong, without what to do about it: the beginning of `message`. */
  get withoutHint(): string {
    return this.#problem;
  }
}
