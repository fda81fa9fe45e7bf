import { cockroachdbHas, type Dialect } from "../dialect";
import type { Token } from "../model";
import { goQuote } from "./go-quote";
import { fieldOf, physicalLines, type ScannedField, type ScannedLine } from "./scanned-line";
import { HbaSyntaxError, type Position } from "./syntax-error";

/** CockroachDB's pkg/settings/rulebasedscanner: one expression a kind of token, tried in order. */
interface Lexicon {
  readonly word: RegExp;
  readonly quoted: RegExp;
}

/** Words exclude blank, quote and comma; control characters as well from 24.1 on. */
const STRICT: Lexicon = { word: /[!#-+\--~\u0080-\uffff]+/y, quoted: /"[ !#-~\u0080-\uffff]*"/y };
const LAX: Lexicon = { word: /[^", \t\r]+/y, quoted: /"[^"]*"/y };
const SKIPPED = /[ \t\r,]*/y;

export function scanCockroachdb(text: string, dialect: Dialect): ScannedLine[] {
  return physicalLines(text).map((line, index) => scanLine(line, index + 1, dialect));
}

function scanLine(text: string, line: number, dialect: Dialect): ScannedLine {
  const content = text.replace(/\n$/, "");
  const cursor = { content, line, offset: 0 };
  const scanned = { text, line, endLine: line, end: { line, column: content.length + 1 } };
  const fields: ScannedField[] = [];
  try {
    for (let field = nextField(cursor, dialect); field !== undefined; field = nextField(cursor, dialect)) {
      fields.push(field);
    }
  } catch (error) {
    if (error instanceof HbaSyntaxError) return { ...scanned, fields: [], error };
    throw error;
  }
  const comment = content.slice(cursor.offset);
  return comment === "" ? { ...scanned, fields } : { ...scanned, fields, comment };
}

interface Cursor {
  readonly content: string;
  readonly line: number;
  offset: number;
}

function nextField(cursor: Cursor, dialect: Dialect): ScannedField | undefined {
  const tokens: Token[] = [];
  let joinedByEquals = false;
  let start = -1;
  for (;;) {
    const token = nextToken(cursor, cockroachdbHas(dialect, "strictCharacters") ? STRICT : LAX);
    if (token === undefined) break;
    if (start < 0) start = token.column - 1;
    tokens.push(token);
    const comma = cursor.content[cursor.offset] === ",";
    if (comma) cursor.offset++;
    const equals =
      cockroachdbHas(dialect, "optionAcrossTokens") && !token.quoted && token.value.endsWith("=");
    if (equals) joinedByEquals = true;
    if (!comma && !equals) break;
  }
  const field = fieldOf(tokens);
  if (field === undefined) return undefined;
  const raw = joinedByEquals
    ? cursor.content.slice(start, cursor.offset).replace(/,$/, "")
    : field.map((token) => token.raw).join(",");
  return { tokens: field, raw };
}

/** The next token, without a comma after it; undefined at the end of the line or before a comment. */
function nextToken(cursor: Cursor, lexicon: Lexicon): Token | undefined {
  const { content, line } = cursor;
  cursor.offset += matchAt(SKIPPED, cursor).length;
  const first = content[cursor.offset];
  if (first === undefined || first === "#") return undefined;
  const at: Position = { line, column: cursor.offset + 1 };
  const quoted = first === '"';
  const raw = matchAt(quoted ? lexicon.quoted : lexicon.word, cursor);
  if (raw === "") throw refusal(at, first, content);
  cursor.offset += raw.length;
  return { value: quoted ? raw.slice(1, -1) : raw, quoted, raw, ...at };
}

function matchAt(expression: RegExp, cursor: Cursor): string {
  expression.lastIndex = cursor.offset;
  return expression.exec(cursor.content)?.[0] ?? "";
}

/** The scanner's errors carry no SQLSTATE, which a client sees as XXUUU. */
function refusal(at: Position, first: string, content: string): HbaSyntaxError {
  const refuse = (code: string, problem: string) =>
    new HbaSyntaxError(code, at, problem, { sqlState: "XXUUU" });
  if (first !== '"') return refuse("unsupported-character", `unsupported character: ${goQuote(first)}`);
  return content.indexOf('"', at.column) < 0
    ? refuse("unterminated-quote", "unterminated quoted string")
    : refuse("control-character-in-quotes", "invalid characters in quoted string");
}
