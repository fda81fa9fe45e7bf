/** What the command ends with, as `grep` and `diff` do. */
export const STATUS = {
  /** Yes; nothing was found. */
  yes: 0,
  /** No; something was found. */
  no: 1,
  /** There is no answer: a mistake in the arguments or the input, or the server gave none. */
  trouble: 2,
} as const;
