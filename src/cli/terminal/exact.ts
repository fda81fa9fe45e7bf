import { printable, UNPRINTABLE } from "../../printable";

interface Unprintable {
  /** From 1. */
  readonly line: number;
  /** Spelt out. */
  readonly character: string;
}

/**
 * The first character of a text that a terminal would obey or not show. What programs are to read has names as they are: then it is
 * printed as a whole or not at all, since nobody knows whether it is a terminal, or a log, where it ends.
 *
 * @param layout characters that are harmless, being the layout of the text
 */
export function unprintableIn(text: string, layout = ""): Unprintable | undefined {
  for (const { 0: character, index } of text.matchAll(UNPRINTABLE)) {
    if (!layout.includes(character))
      return { line: text.slice(0, index).split("\n").length, character: printable(character) };
  }
  return undefined;
}
