import { type Token, tokenize } from "../../cockroachdb-stand-in/sql/tokens";

/** What the server looks up by name when it reads a statement. */
export interface Name {
  readonly kind: "function" | "operator" | "type" | "relation";
  readonly name: string;
  /** Whether it is said in which schema. Of operators it is not. */
  readonly qualified: boolean;
}

/** Words that may stand before a parenthesis or a string, and are no names: PostgreSQL's grammar has them. */
const SYNTAX = new Set(
  `all and any array as at between by case coalesce copy day distinct do else end exists extract filter for from greatest group
   having ilike in is join lateral least like limit literal not nullif offset on operator or order over returning row select
   set similar some then to union using values when where with within zone`.split(/\s+/),
);

/** Where a list of relations ends. */
const CLAUSE = new Set(
  "where group having order limit offset union intersect except on using window fetch for returning".split(
    " ",
  ),
);

/** Operators that the grammar puts in for words; by their bare names, as if they stood there. */
const MEANT: Readonly<Record<string, readonly string[]>> = {
  like: ["~~"],
  ilike: ["~~*"],
  in: ["="],
  when: ["="],
  using: ["="],
  distinct: ["="],
  nullif: ["="],
  between: [">=", "<="],
};

export function namesIn(sql: string): readonly Name[] {
  const tokens = tokenize(sql);
  return [...functions(tokens), ...types(tokens), ...relations(tokens), ...operators(tokens)];
}

function* functions(tokens: readonly Token[]): Generator<Name> {
  for (const [i, token] of tokens.entries()) {
    if (!isName(token) || !isSymbol(tokens[i + 1], "(")) continue;
    const qualified = isSymbol(tokens[i - 1], ".");
    if (!qualified && (isSyntax(token) || isOneOf(tokens[i - 1], "with", "recursive", "as"))) continue;
    yield { kind: "function", name: token.value, qualified };
  }
}

/** After `::`, or before a string: `date '2000-01-01'`. */
function* types(tokens: readonly Token[]): Generator<Name> {
  for (const [i, token] of tokens.entries()) {
    if (!isName(token)) continue;
    const qualified = isSymbol(tokens[i - 1], ".");
    const first = qualified ? i - 2 : i;
    const isCast = isSymbol(tokens[first - 1], "::") && !isSymbol(tokens[i + 1], ".");
    const isTyped = token.kind === "word" && !isSyntax(token) && tokens[i + 1]?.kind === "string";
    if (isCast || isTyped) yield { kind: "type", name: token.value, qualified };
  }
}

/** Of a query: after FROM and JOIN, and after the commas that follow. */
function* relations(tokens: readonly Token[]): Generator<Name> {
  if (isOneOf(tokens[0], "revoke", "reset", "copy")) return;
  const common = tokens.flatMap(({ value }, i) => (isCommonTable(tokens, i) ? [value] : []));
  for (const [i, token] of tokens.entries()) {
    if (!isOneOf(token, "from", "join") || isOneOf(tokens[i - 1], "distinct") || isInExtract(tokens, i))
      continue;
    for (const at of itemsAfter(tokens, i)) {
      const qualified = isSymbol(tokens[at + 1], ".");
      const end = qualified ? at + 2 : at;
      const found = tokens[end];
      if (found === undefined || !isNameOrHole(found) || isSymbol(tokens[end + 1], "(")) continue;
      if (isOneOf(found, "lateral", "recursive") || (!qualified && common.includes(found.value))) continue;
      yield { kind: "relation", name: found.value, qualified };
    }
  }
}

/** The first after WITH, or one more of them: `, name AS (`. */
function isCommonTable(tokens: readonly Token[], at: number): boolean {
  if (isOneOf(tokens[at - 1], "with", "recursive")) return true;
  return isSymbol(tokens[at - 1], ",") && isOneOf(tokens[at + 1], "as") && isSymbol(tokens[at + 2], "(");
}

function itemsAfter(tokens: readonly Token[], from: number): number[] {
  const items = [from + 1];
  let depth = 0;
  for (let i = from + 1; i < tokens.length && depth >= 0; i++) {
    if (isSymbol(tokens[i], "(")) depth++;
    if (isSymbol(tokens[i], ")")) depth--;
    if (
      depth === 0 &&
      (isSymbol(tokens[i], ";") || (tokens[i]?.kind === "word" && CLAUSE.has(tokens[i]?.value ?? "")))
    )
      break;
    if (depth === 0 && isSymbol(tokens[i], ",")) items.push(i + 1);
  }
  return items;
}

/** `extract(epoch FROM x)`. */
function isInExtract(tokens: readonly Token[], at: number): boolean {
  let depth = 0;
  for (let i = at - 1; i >= 0; i--) {
    if (isSymbol(tokens[i], ")")) depth++;
    if (isSymbol(tokens[i], "(") && depth-- === 0) return isOneOf(tokens[i - 1], "extract");
  }
  return false;
}

function* operators(tokens: readonly Token[]): Generator<Name> {
  const operator = (name: string): Name => ({ kind: "operator", name, qualified: false });
  for (const [i, token] of tokens.entries()) {
    if (token.kind === "word") {
      yield* (MEANT[token.value] ?? []).map(operator);
      if (token.value === "like" && isOneOf(tokens[i - 1], "not")) yield operator("!~~");
    }
    if (!isOperator(token) || (isOperator(tokens[i - 1]) && tokens[i - 1]?.end === token.start)) continue;
    let name = token.value;
    for (let j = i + 1; isOperator(tokens[j]) && tokens[j]?.start === tokens[j - 1]?.end; j++)
      name += tokens[j]?.value;
    if (name !== "*") yield operator(name);
  }
}

function isOperator(token: Token | undefined): boolean {
  return token?.kind === "symbol" && /^[-+*/<>=~!@#%^&|`?]$/.test(token.value);
}

function isName(token: Token): boolean {
  return token.kind === "word" || token.kind === "quoted";
}

/** What is put in where it runs is `$0`. */
function isNameOrHole(token: Token): boolean {
  return isName(token) || token.kind === "placeholder";
}

function isSyntax({ kind, value }: Token): boolean {
  return kind === "word" && SYNTAX.has(value);
}

function isSymbol(token: Token | undefined, symbol: string): boolean {
  return token?.kind === "symbol" && token.value === symbol;
}

function isOneOf(token: Token | undefined, ...words: string[]): boolean {
  return token?.kind === "word" && words.includes(token.value);
}
