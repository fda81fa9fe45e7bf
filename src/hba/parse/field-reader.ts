import type { Field, Token } from "../model";
import type { ScannedField, ScannedLine } from "./scanned-line";
import { HbaSyntaxError } from "./syntax-error";

/** Hands out a line's fields one by one; a missing one is an error that names what was expected. */
export class FieldReader {
  readonly #fields: readonly ScannedField[];
  readonly #line: ScannedLine;
  #next = 0;

  constructor(line: ScannedLine) {
    this.#line = line;
    this.#fields = line.fields;
  }

  take(code: string, expected: string, hint?: string): Field {
    const field = this.#fields[this.#next++];
    if (field !== undefined) return field.tokens;
    throw new HbaSyntaxError(code, this.#line.end, `end-of-line before ${expected}`, hint ? { hint } : {});
  }

  rest(): Field[] {
    return this.#fields.slice(this.#next).map((field) => field.tokens);
  }
}

/** The only token of a field, where a list has no meaning. */
export function single(field: Field, code: string, what: string, hint?: string): Token {
  if (field.length === 1) return field[0];
  throw new HbaSyntaxError(
    code,
    field[1] ?? field[0],
    `multiple values specified for ${what}`,
    hint ? { hint } : {},
  );
}
