import { normaliseName } from "../roles/names";

/**
 * A piece of SQL. `value` is what it means: a word in lower case, a string or quoted name without its quotes, the
 * number of a placeholder.
 */
export interface Token {
  readonly kind: "word" | "quoted" | "string" | "bytes" | "placeholder" | "number" | "symbol";
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** Nothing to run: white space and comments. */
const SKIPPED = /(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)*/y;

const PATTERNS: readonly (readonly [Token["kind"], RegExp])[] = [
  ["bytes", /b'((?:[^'\\]|''|\\[\s\S])*)'/iy],
  ["string", /e'((?:[^'\\]|''|\\[\s\S])*)'/iy],
  ["string", /'((?:[^']|'')*)'/y],
  ["string", /\$([\p{L}_][\p{L}\p{N}_]*)?\$([\s\S]*?)\$\1\$/uy],
  ["placeholder", /\$(\d+)/y],
  ["quoted", /"((?:[^"]|"")*)"/y],
  // As the server's scanner: whatever is not ASCII belongs to a name.
  ["word", /[a-z_\u{80}-\u{10ffff}][\w$\u{80}-\u{10ffff}]*/iuy],
  ["number", /\d+(?:\.\d*)?(?:e[+-]?\d+)?/iy],
  ["symbol", /::|:=|[\s\S]/uy],
];

export function tokenize(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = skip(sql, 0); at < sql.length; at = skip(sql, tokens.at(-1)?.end ?? sql.length)) {
    tokens.push(tokenAt(sql, at));
  }
  return tokens;
}

function skip(sql: string, at: number): number {
  SKIPPED.lastIndex = at;
  return at + (SKIPPED.exec(sql)?.[0].length ?? 0);
}

function tokenAt(sql: string, start: number): Token {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = start;
    const match = pattern.exec(sql);
    if (match === null) continue;
    const [text] = match;
    return { kind, value: meaning(kind, text, match.at(-1) ?? ""), start, end: start + text.length };
  }
  throw new Error(`no token at ${start}`);
}

function meaning(kind: Token["kind"], text: string, inner: string): string {
  if (kind === "quoted") return inner.replaceAll('""', '"');
  if (kind === "string" || kind === "bytes") {
    if (text.startsWith("$")) return inner;
    const unquoted = inner.replaceAll("''", "'");
    return text.startsWith("'") ? unquoted : resolveEscapes(unquoted);
  }
  if (kind === "placeholder") return inner;
  return kind === "word" ? normaliseName(text) : text;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

/** The escapes of E'…' that drivers write. */
function resolveEscapes(text: string): string {
  return text.replaceAll(/\\(x[0-9a-f]{1,2}|u[0-9a-f]{4}|[\s\S])/gi, (_, code: string) =>
    code.length > 1 ? String.fromCodePoint(Number.parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? code),
  );
}
