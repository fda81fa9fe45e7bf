import { type Token, tokenize } from "./tokens";

/** One statement, without the semicolon. */
export interface Statement {
  readonly text: string;
  readonly tokens: readonly Token[];
}

/** The statements of a text, empty ones left out; tokens' places count from their own statement's beginning. */
export function splitStatements(sql: string): readonly Statement[] {
  const statements: Statement[] = [];
  let tokens: Token[] = [];
  const finish = () => {
    const [first, last] = [tokens.at(0), tokens.at(-1)];
    if (first === undefined || last === undefined) return;
    const shifted = tokens.map((t) => ({ ...t, start: t.start - first.start, end: t.end - first.start }));
    statements.push({ text: sql.slice(first.start, last.end), tokens: shifted });
    tokens = [];
  };
  for (const token of tokenize(sql)) {
    if (token.kind === "symbol" && token.value === ";") finish();
    else tokens.push(token);
  }
  finish();
  return statements;
}

/** Whether the statement begins with these words. */
export function beginsWith({ tokens }: Statement, words: string): boolean {
  return words.split(" ").every((word, i) => tokens[i]?.kind === "word" && tokens[i]?.value === word);
}
