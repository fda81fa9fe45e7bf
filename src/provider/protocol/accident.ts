/**
 * Why a text is surely the trace of a mistake, and no name or password that anybody chose; the end of a sentence, and never
 * the text itself.
 */
export function accident(text: string): string | undefined {
  if (isBlank(text)) return "is blank";
  if (text === "undefined" || /^\[object \w+\]$/.test(text))
    return "is what JavaScript makes of a value that is none; look where the program gets it";
  return undefined;
}

/** Of what a pipeline fills in, where a name may well look like it. */
export function placeholder(text: string): string | undefined {
  return /^(\$\{[^{}]*\}|\$\([^()]*\)|\{\{[^{}]*\}\}|%[A-Za-z_]\w*%|null|NaN)$/.test(text)
    ? "is a placeholder or a word for nothing; look where the program gets it"
    : undefined;
}

/** White space, or characters that show nothing at all. */
function isBlank(text: string): boolean {
  return /^[\s\p{Z}\p{Cf}\u115f\u1160\u2800\u3164\uffa0]*$/u.test(text);
}
