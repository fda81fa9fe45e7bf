/**
 * What a terminal obeys or does not show, and what a log takes for the end of a line: controls, format characters (of direction,
 * of no width), separators of lines, and halves of surrogate pairs.
 */
export const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The most that is shown of a server's words, in characters. */
export const MAX_SERVER_WORDS = 500;

/** An error travels to the engine in HTTP/2 headers, of which there are 64 KiB, in base64. */
const MAX_LENGTH = 20_000;

/**
 * Text with words of others in it, for people: nothing of it is obeyed, and it is one line. Of two texts that differ in such
 * characters it may make one; for programs there is JSON.
 */
export function printable(text: string): string {
  const spelt = cut(text, MAX_LENGTH).replaceAll(
    UNPRINTABLE,
    (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`,
  );
  return cut(spelt, MAX_LENGTH);
}

/** At most so long; what is cut off is marked. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  // Not between the halves of a character.
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** An error that is a bug may quote others too: its message becomes printable in place, the lines of its stack stay. */
export function makePrintable(error: unknown): void {
  if (!(error instanceof Error) || Object.isFrozen(error)) return;
  const { message, stack } = error;
  error.message = printable(message);
  if (stack === undefined) return;
  const lines = stack.replace(message, () => error.message).split("\n");
  error.stack = lines.map(printable).join("\n");
}
