import { physicalLines } from "./scanned-line";
import type { Position } from "./syntax-error";

/** What PostgreSQL reads as one line: physical lines joined where one ends with a backslash. */
export interface LogicalLine {
  readonly text: string;
  readonly content: string;
  readonly line: number;
  readonly endLine: number;
  position(offset: number): Position;
}

/** PostgreSQL's tokenize_auth_file: carriage returns at the end go, and a NUL ends a line for C. */
export function logicalLines(text: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  const physical = physicalLines(text);
  for (let index = 0; index < physical.length; ) {
    const first = index;
    const starts: number[] = [];
    const content = new Parts();
    let continuedAt = 0;
    while (index < physical.length) {
      starts.push(content.length);
      content.push(cString(physical[index++] ?? ""));
      content.dropLast((character) => character === "\n" || character === "\r");
      // The backslash must come after the last continuation: an empty line ends what two backslashes began.
      if (content.length <= continuedAt || content.last !== "\\") break;
      content.drop(1);
      continuedAt = content.length;
    }
    lines.push({
      text: physical.slice(first, index).join(""),
      content: content.join(),
      line: first + 1,
      endLine: index,
      position: (offset) => positionOf(offset, first + 1, starts),
    });
  }
  return lines;
}

/** A text that grows and shrinks at its end, by parts: to put it together for each would take the square of its length. */
class Parts {
  length = 0;
  readonly #parts: string[] = [];

  push(part: string): void {
    if (part === "") return;
    this.#parts.push(part);
    this.length += part.length;
  }

  /** The last character. */
  get last(): string | undefined {
    return this.#parts.at(-1)?.at(-1);
  }

  /** The last characters, as long as they are such. */
  dropLast(isSuch: (character: string) => boolean): void {
    for (let part = this.#parts.at(-1); part !== undefined; part = this.#parts.at(-1)) {
      let end = part.length;
      while (end > 0 && isSuch(part.charAt(end - 1))) end--;
      if (end === part.length) return;
      this.drop(part.length - end);
    }
  }

  /** The last characters, so many, which are all in the last part. */
  drop(count: number): void {
    const part = this.#parts.pop() ?? "";
    this.length -= part.length;
    this.push(part.slice(0, part.length - count));
  }

  join(): string {
    return this.#parts.join("");
  }
}

/** The physical line that it is on begins at the last start that is not after it; the starts are in order. */
function positionOf(offset: number, line: number, starts: readonly number[]): Position {
  let [nth, end] = [0, starts.length];
  while (end - nth > 1) {
    const middle = (nth + end) >> 1;
    if ((starts[middle] ?? 0) <= offset) nth = middle;
    else end = middle;
  }
  return { line: line + nth, column: offset - (starts[nth] ?? 0) + 1 };
}

function cString(text: string): string {
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}
