import fc from "fast-check";

/** What a terminal obeys or hides, or a log takes for the end of a line; each with what it could do. */
export const HOSTILE: readonly (readonly [what: string, character: string])[] = [
  ["NUL", "\0"],
  ["backspace", "\b"],
  ["tab", "\t"],
  ["line feed: a line of its own", "\n"],
  ["carriage return: over the line before", "\r"],
  ["escape: colours, the cursor, the title, the clipboard", "\u001b"],
  ["DEL", "\u007f"],
  ["next line (C1)", "\u0085"],
  ["CSI (C1): as ESC [", "\u009b"],
  ["soft hyphen", "\u00ad"],
  ["Arabic letter mark", "\u061c"],
  ["zero-width space", "\u200b"],
  ["zero-width joiner", "\u200d"],
  ["left-to-right mark", "\u200e"],
  ["right-to-left mark", "\u200f"],
  ["line separator", "\u2028"],
  ["paragraph separator", "\u2029"],
  ["left-to-right embedding", "\u202a"],
  ["right-to-left override", "\u202e"],
  ["word joiner", "\u2060"],
  ["left-to-right isolate", "\u2066"],
  ["pop directional isolate", "\u2069"],
  ["byte order mark", "\ufeff"],
  ["tag letter, of which no trace is seen", "\u{e0041}"],
  ["half of a surrogate pair", "\ud800"],
  ["the other half", "\udc00"],
];

const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are meant
  /[\0-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}\p{Surrogate}]/gu;

/** Those of them that are in a text; a line feed is the writer's own only where it is allowed for. */
export function unprintable(text: string, { lines = false } = {}): string[] {
  return (text.match(UNPRINTABLE) ?? []).filter((character) => !(lines && character === "\n"));
}

/** Words that would like to be more, some of which look like ours. */
export const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom(...HOSTILE.map(([, character]) => character)),
      fc.constantFrom(
        "\nwarning: all is well",
        "\r\n    error: x",
        "\u001b]0;x\u0007",
        '"',
        "\\",
        " ",
        "日本",
      ),
      fc.string({ maxLength: 5 }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(""));
