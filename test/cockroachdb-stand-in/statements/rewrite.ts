import type { Statement } from "../sql/statement";
import type { Token } from "../sql/tokens";

/** Functions and views of `stand_in` that stand before PostgreSQL's of the same name (facts 5.1, 3.6). */
const FUNCTIONS = ["current_setting", "set_config", "version"];
const VIEWS: Readonly<Record<string, string>> = {
  pg_roles: "stand_in.pg_roles",
  pg_authid: "stand_in.pg_roles",
};

/** The statement with the names above replaced, be they qualified with `pg_catalog` or not. */
export function rewrite({ text, tokens }: Statement): string {
  let rewritten = "";
  let done = 0;
  for (const [i, token] of tokens.entries()) {
    const replacement = replacementFor(tokens, i);
    if (replacement === undefined) continue;
    const start = isQualifiedByCatalog(tokens, i) ? (tokens[i - 2]?.start ?? token.start) : token.start;
    rewritten += text.slice(done, start) + replacement;
    done = token.end;
  }
  return rewritten + text.slice(done);
}

function replacementFor(tokens: readonly Token[], i: number): string | undefined {
  const name = identifier(tokens[i]);
  const qualified = isSymbol(tokens[i - 1], ".");
  if (name === undefined || (qualified && !isQualifiedByCatalog(tokens, i))) return undefined;
  if (FUNCTIONS.includes(name)) return isSymbol(tokens[i + 1], "(") ? `stand_in.${name}` : undefined;
  // Where a table stands; a column's qualifier is the alias, or without one the old name.
  const view = VIEWS[name];
  if (view === undefined || !introducesTable(tokens[qualified ? i - 3 : i - 1])) return undefined;
  return isAlias(tokens[i + 1]) ? view : `${view} AS ${name}`;
}

function isQualifiedByCatalog(tokens: readonly Token[], i: number): boolean {
  return isSymbol(tokens[i - 1], ".") && identifier(tokens[i - 2]) === "pg_catalog";
}

/** What follows a table and is no alias is a clause of the statement. */
const CLAUSES =
  /^(where|join|left|right|full|inner|cross|natural|on|using|order|group|having|limit|offset|union|except|intersect|for|window|fetch|tablesample|returning)$/;

function isAlias(token: Token | undefined): boolean {
  const name = identifier(token);
  return name !== undefined && !(token?.kind === "word" && CLAUSES.test(name));
}

function introducesTable(before: Token | undefined): boolean {
  return isSymbol(before, ",") || (before?.kind === "word" && /^(from|join)$/.test(before.value));
}

function identifier(token: Token | undefined): string | undefined {
  return token?.kind === "word" || token?.kind === "quoted" ? token.value : undefined;
}

function isSymbol(token: Token | undefined, symbol: string): boolean {
  return token?.kind === "symbol" && token.value === symbol;
}
