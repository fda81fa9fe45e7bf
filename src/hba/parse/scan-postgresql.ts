import type { Token } from "../model";
import { type LogicalLine, logicalLines } from "./logical-lines";
import { fieldOf, type ScannedField, type ScannedLine } from "./scanned-line";

export function scanPostgresql(text: string): ScannedLine[] {
  return logicalLines(text).map(scanLine);
}

interface Cursor {
  readonly line: LogicalLine;
  offset: number;
  comment?: string;
  unclosedQuote?: number;
}

function scanLine(line: LogicalLine): ScannedLine {
  const cursor: Cursor = { line, offset: 0 };
  const fields: ScannedField[] = [];
  while (cursor.offset < line.content.length) {
    const field = nextField(cursor);
    if (field !== undefined) fields.push(field);
  }
  const { comment, unclosedQuote } = cursor;
  return {
    text: line.text,
    line: line.line,
    endLine: line.endLine,
    fields,
    end: line.position(line.content.length),
    ...(comment === undefined ? {} : { comment }),
    ...(unclosedQuote === undefined ? {} : { unclosedQuote: line.position(unclosedQuote) }),
  };
}

function nextField(cursor: Cursor): ScannedField | undefined {
  const tokens: Token[] = [];
  for (let more = true; more; ) {
    const token = nextToken(cursor);
    if (token === undefined) break;
    tokens.push(token);
    more = cursor.line.content[cursor.offset] === ",";
  }
  const field = fieldOf(tokens);
  return field && { tokens: field, raw: field.map((token) => token.raw).join(",") };
}

/** PostgreSQL's next_token: `ab"c d"ef` is one token, and `#` begins a comment even inside a word. */
function nextToken(cursor: Cursor): Token | undefined {
  const { content } = cursor.line;
  const at = (offset: number) => content[offset] ?? "";
  while (isBlank(at(cursor.offset)) || at(cursor.offset) === ",") cursor.offset++;

  const start = cursor.offset;
  let value = "";
  let inQuote = false;
  let wasQuote = false;
  let sawQuote = false;
  let beganQuoted = false;
  let quoteAt = start;
  let end = start;
  for (; end < content.length && (inQuote || !isBlank(at(end))); end++) {
    const character = at(end);
    if (character === "#" && !inQuote) {
      cursor.comment = content.slice(end);
      cursor.offset = content.length;
      break;
    }
    if (character === "," && !inQuote) break;
    if (character !== '"' || wasQuote) value += character;
    wasQuote = inQuote && character === '"' ? !wasQuote : false;
    if (character !== '"') continue;
    inQuote = !inQuote;
    sawQuote = true;
    quoteAt = end;
    if (value === "") beganQuoted = true;
  }
  if (cursor.comment === undefined) cursor.offset = end;
  if (inQuote) cursor.unclosedQuote = quoteAt;
  if (!sawQuote && value === "") return undefined;
  return { value, quoted: beganQuoted, raw: content.slice(start, end), ...cursor.line.position(start) };
}

/** pg_isblank: no other white space separates. */
function isBlank(character: string): boolean {
  return character === " " || character === "\t" || character === "\r";
}
