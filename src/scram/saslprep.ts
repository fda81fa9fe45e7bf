import { isUtf8 } from "node:buffer";
import { UserError } from "../errors";
import {
  type CodePointRanges,
  LCAT,
  MAPPED_TO_NOTHING,
  NON_ASCII_SPACE,
  PROHIBITED,
  RANDALCAT,
  UNASSIGNED,
} from "./saslprep-tables";

/** Why SASLprep refuses a text: nothing is left of it, or a code point, or its writing directions. */
export type SaslprepRefusal = "empty" | "prohibited" | "unassigned" | "bidirectional";

/**
 * SASLprep (RFC 4013) in the order of PostgreSQL's `pg_saslprep` (src/common/saslprep.c): the checks look at the
 * mapped text *before* NFKC, where the RFC looks at the result. So `"a\u2135"` (alef symbol, written left to
 * right) is prepared to a text that holds a right-to-left letter, and U+0340 is refused though NFKC removes it.
 *
 * When refused, `prepared` is the text as it came, which is what the servers then hash.
 */
export function saslprep(text: string): { readonly prepared: string; readonly refused?: SaslprepRefusal } {
  // As in PostgreSQL, ASCII is passed through whole: control characters and the empty text included.
  if (ASCII.test(text)) return { prepared: text };

  const mapped = Array.from(text, map).join("");
  const refused = prohibited(mapped);
  if (refused !== undefined) return { prepared: text, refused };
  // Only code points of Unicode 3.2 get here; their normal form is the same in every later version.
  return { prepared: mapped.normalize("NFKC") };
}

/**
 * The octets that go into PBKDF2: the prepared text in UTF-8, or the raw octets when SASLprep refuses the text or
 * when the octets are not UTF-8. This is what PostgreSQL hashes. A copy, never the caller's memory.
 *
 * @throws UserError `password-not-unicode`: a string with a lone surrogate has no UTF-8 form
 */
export function normalizePassword(password: string | Uint8Array): Buffer {
  if (typeof password === "string") {
    if (LONE_SURROGATE.test(password)) {
      throw new UserError("password-not-unicode", "The password holds half of a UTF-16 surrogate pair", {
        hint: "it has no UTF-8 form; give the password as bytes or choose another",
      });
    }
    return Buffer.from(saslprep(password).prepared, "utf8");
  }
  const octets = Buffer.from(password);
  return isUtf8(octets) ? Buffer.from(saslprep(octets.toString("utf8")).prepared, "utf8") : octets;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
const ASCII = /^[\x00-\x7f]*$/;

/** RFC 4013 section 2.1. U+200B is in both tables and becomes a space, in PostgreSQL as in the RFC's order. */
function map(character: string): string {
  const codePoint = codePointOf(character);
  if (contains(NON_ASCII_SPACE, codePoint)) return " ";
  return contains(MAPPED_TO_NOTHING, codePoint) ? "" : character;
}

/** RFC 4013 sections 2.3 to 2.5; that nothing may be left empty is PostgreSQL's rule. */
function prohibited(mapped: string): SaslprepRefusal | undefined {
  const codePoints = Array.from(mapped, codePointOf);
  if (codePoints.length === 0) return "empty";
  if (codePoints.some((c) => contains(PROHIBITED, c))) return "prohibited";
  if (codePoints.some((c) => contains(UNASSIGNED, c))) return "unassigned";
  return obeysBidi(codePoints) ? undefined : "bidirectional";
}

/** RFC 3454 section 6: right-to-left text holds no left-to-right letter and has its own at both ends. */
function obeysBidi(codePoints: readonly number[]): boolean {
  if (!codePoints.some((c) => contains(RANDALCAT, c))) return true;
  return (
    !codePoints.some((c) => contains(LCAT, c)) &&
    [codePoints.at(0), codePoints.at(-1)].every((c) => c !== undefined && contains(RANDALCAT, c))
  );
}

function codePointOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

/** Binary search for the range that could hold the code point. */
function contains(ranges: CodePointRanges, codePoint: number): boolean {
  let low = 0;
  let high = ranges.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (codePoint < (ranges[2 * middle] ?? 0)) high = middle - 1;
    else if (codePoint > (ranges[2 * middle + 1] ?? 0)) low = middle + 1;
    else return true;
  }
  return false;
}
