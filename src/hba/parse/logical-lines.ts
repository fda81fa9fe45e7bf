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
    let content = "";
    let continuedAt = 0;
    while (index < physical.length) {
      starts.push(content.length);
      content = stripLineEnd(content + cString(physical[index++] ?? ""));
      // The backslash must come after the last continuation: an empty line ends what two backslashes began.
      if (content.length <= continuedAt || !content.endsWith("\\")) break;
      content = content.slice(0, -1);
      continuedAt = content.length;
    }
    lines.push({
      text: physical.slice(first, index).join(""),
      content,
      line: first + 1,
      endLine: index,
      position: (offset) => positionOf(offset, first + 1, starts),
    });
  }
  return lines;
}

function positionOf(offset: number, line: number, starts: readonly number[]): Position {
  const nth = Math.max(
    starts.findLastIndex((start) => start <= offset),
    0,
  );
  return { line: line + nth, column: offset - (starts[nth] ?? 0) + 1 };
}

function cString(text: string): string {
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}

function stripLineEnd(text: string): string {
  let end = text.length;
  while (text[end - 1] === "\n" || text[end - 1] === "\r") end--;
  return text.slice(0, end);
}
