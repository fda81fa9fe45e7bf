/** Reads the body of Parse. */
export function readParse(body: Buffer): { name: string; text: string; types: number[] } {
  const reader = new Fields(body);
  const [name, text] = [reader.text(), reader.text()];
  const types = Array.from({ length: reader.int16() }, () => reader.int32());
  return { name, text, types };
}

/** Reads the body of Bind, as far as the values; those in binary are taken for text, which text and bytes are. */
export function readBind(body: Buffer): { portal: string; statement: string; values: (string | null)[] } {
  const reader = new Fields(body);
  const [portal, statement] = [reader.text(), reader.text()];
  for (let formats = reader.int16(); formats > 0; formats--) reader.int16();
  const values = Array.from({ length: reader.int16() }, () => reader.value());
  return { portal, statement, values };
}

/** Reads the body of Describe or Close: S for a statement, P for a portal. */
export function readTarget(body: Buffer): { kind: string; name: string } {
  return { kind: body.toString("latin1", 0, 1), name: body.toString("utf8", 1, body.length - 1) };
}

class Fields {
  readonly #body: Buffer;
  #at = 0;

  constructor(body: Buffer) {
    this.#body = body;
  }

  text(): string {
    const end = this.#body.indexOf(0, this.#at);
    const text = this.#body.toString("utf8", this.#at, end);
    this.#at = end + 1;
    return text;
  }

  int16(): number {
    this.#at += 2;
    return this.#body.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#body.readInt32BE(this.#at - 4);
  }

  value(): string | null {
    const length = this.int32();
    if (length < 0) return null;
    this.#at += length;
    return this.#body.toString("utf8", this.#at - length, this.#at);
  }
}
