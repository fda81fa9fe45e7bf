import { UNPRINTABLE } from "../../printable";

/** A line, or lines, of JSON: of the names in it nothing is obeyed by a terminal, and a parser reads the very same. */
export function json(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent).replaceAll(UNPRINTABLE, (c) =>
    c === "\n" ? c : spelt(c),
  );
  return `${text}\n`;
}

/** As JSON spells what is not plain: each half of a pair by itself (RFC 8259, section 7). */
function spelt(character: string): string {
  return character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}
