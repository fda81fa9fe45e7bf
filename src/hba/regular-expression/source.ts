/** An expression being read, character by character. */
export interface Source {
  readonly characters: readonly string[];
  at: number;
}

/** A mistake in the expression, in the server's words. */
export class Invalid extends Error {}
/** Something that is left to the server. */
export class NotEvaluated extends Error {}

export function peek(source: Source): string {
  return source.characters[source.at] ?? "";
}

const CLASSES: Record<string, RegExp> = {
  d: /^[0-9]$/,
  D: /^[^0-9]$/u,
  s: /^[ \t\n\v\f\r]$/,
  S: /^[^ \t\n\v\f\r]$/u,
  w: /^[A-Za-z0-9_]$/,
  W: /^[^A-Za-z0-9_]$/u,
};

/** After a backslash: a class, or a character that is not a letter or digit as itself. */
export function escapeClass(source: Source): (character: string) => boolean {
  const escaped = peek(source);
  if (escaped === "") throw new Invalid("invalid escape \\ sequence");
  source.at++;
  const members = CLASSES[escaped];
  if (members !== undefined) return (character) => members.test(character);
  if (/^[\p{L}\p{N}]$/u.test(escaped)) throw new NotEvaluated();
  return (character) => character === escaped;
}
