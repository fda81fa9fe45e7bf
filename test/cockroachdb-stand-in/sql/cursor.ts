import { syntaxError } from "../wire/sql-error";
import type { Statement } from "./statement";
import type { Token } from "./tokens";

/** A value in a statement: written there, or handed over as `$n`. */
export type Value = { readonly literal: string } | { readonly placeholder: number };

/** Walks through a statement's tokens. */
export class Cursor {
  readonly #statement: Statement;
  #at = 0;

  constructor(statement: Statement) {
    this.#statement = statement;
  }

  peek(ahead = 0): Token | undefined {
    return this.#statement.tokens[this.#at + ahead];
  }

  get done(): boolean {
    return this.peek() === undefined;
  }

  next(): Token {
    const token = this.peek();
    if (token === undefined) throw syntaxError("EOF");
    this.#at++;
    return token;
  }

  /** Steps over these words if they come next. */
  accept(words: string): boolean {
    const all = words.split(" ");
    if (!all.every((word, i) => isWord(this.peek(i), word))) return false;
    this.#at += all.length;
    return true;
  }

  acceptSymbol(symbol: string): boolean {
    const found = this.peek()?.kind === "symbol" && this.peek()?.value === symbol;
    if (found) this.#at++;
    return found;
  }

  expect(words: string): void {
    if (!this.accept(words)) this.fail();
  }

  /** A name, as it is written: an unquoted one is in lower case already. No placeholder, no string (facts 3.1). */
  name(): string {
    const token = this.peek();
    if (token?.kind !== "word" && token?.kind !== "quoted") this.fail();
    return this.next().value;
  }

  value(): Value {
    const token = this.peek();
    if (token?.kind === "placeholder") return { placeholder: Number(this.next().value) };
    if (token?.kind === "string") return { literal: this.next().value };
    return this.fail();
  }

  end(): void {
    if (!this.done) this.fail();
  }

  fail(): never {
    const token = this.peek();
    throw syntaxError(token === undefined ? "EOF" : this.#statement.text.slice(token.start, token.end));
  }
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === "word" && token.value === word;
}

/** How many values the statement waits for. */
export function countPlaceholders({ tokens }: Statement): number {
  return Math.max(0, ...tokens.map(({ kind, value }) => (kind === "placeholder" ? Number(value) : 0)));
}
