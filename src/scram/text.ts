/** Of a text that is not well-formed Unicode: it has no form in UTF-8. */
export const HALF_A_PAIR = "has half of a surrogate pair in it, which is no character";

/** Why a text cannot reach a server as it is, if so; the end of a sentence. */
export function textProblem(text: string): string | undefined {
  if (text.includes("\0")) return "has a NUL character in it, which servers take for the end of a text";
  return text.isWellFormed() ? undefined : HALF_A_PAIR;
}
