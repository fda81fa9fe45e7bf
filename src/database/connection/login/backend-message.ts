import pg from "pg";

/** A message of a server (PostgreSQL documentation, 54.7), whole. */
export interface Message {
  /** One letter. */
  readonly type: string;
  /** With type and length. */
  readonly bytes: Buffer;
}

/** What a peer sends is not PostgreSQL's protocol, is cut short, or comes when it should not. */
export class ProtocolViolation extends Error {
  readonly code: "NOT_POSTGRESQL" | "PROTOCOL";

  /** @param problem the end of "it sends …" */
  constructor(problem: string, code: "NOT_POSTGRESQL" | "PROTOCOL" = "PROTOCOL") {
    super(problem);
    this.code = code;
  }
}

/** The server says no to a login: its ErrorResponse. */
export class ServerRefusal extends pg.DatabaseError {}

/** Type and length. */
const HEADER = 5;

/** No message but a row, or the description of one, has a reason to be longer. */
const MAX_LENGTH = 65_536;
const MAX_ROW_LENGTH = 16 * 1024 * 1024;

/** Puts the messages together again from the pieces in which they arrive. */
export class Framing {
  readonly #types: string;
  #pieces: Buffer[] = [];
  #size = 0;
  #wanted = 1;

  /** @param types of the messages that may come */
  constructor(types: string) {
    this.#types = types;
  }

  /**
   * The messages that are whole with this piece.
   *
   * @throws ProtocolViolation as soon as a header is there that no message has, not after waiting for the rest of it
   */
  push(piece: Buffer): Message[] {
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#size < this.#wanted) return [];
    const messages: Message[] = [];
    let rest = Buffer.concat(this.#pieces);
    this.#wanted = this.#sizeOf(rest);
    while (rest.length >= this.#wanted) {
      messages.push({ type: rest.toString("latin1", 0, 1), bytes: rest.subarray(0, this.#wanted) });
      rest = rest.subarray(this.#wanted);
      this.#wanted = this.#sizeOf(rest);
    }
    this.#pieces = [rest];
    this.#size = rest.length;
    return messages;
  }

  /** What is there of the next message. */
  get rest(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  /** Of the message that begins here, or as much of it as it takes to know. */
  #sizeOf(bytes: Buffer): number {
    if (bytes.length === 0) return 1;
    const type = bytes.toString("latin1", 0, 1);
    if (!this.#types.includes(type)) throw new ProtocolViolation(unexpected(type));
    if (bytes.length < HEADER) return HEADER;
    const length = bytes.readUInt32BE(1);
    if (length < 4 || length > ("TD".includes(type) ? MAX_ROW_LENGTH : MAX_LENGTH))
      throw new ProtocolViolation(`a ${nameOf(type)} of ${length} bytes`);
    return 1 + length;
  }
}

/** Reads the body of a message, part by part. Every method throws a ProtocolViolation where the part is not there. */
export class Body {
  readonly #type: string;
  readonly #bytes: Buffer;
  #at = HEADER;

  constructor({ type, bytes }: Message) {
    this.#type = type;
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#bytes.length - this.#at;
  }

  bytes(count: number): Buffer {
    if (count < 0 || count > this.length) throw this.malformed();
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  int16(): number {
    return this.bytes(2).readInt16BE();
  }

  int32(): number {
    return this.bytes(4).readInt32BE();
  }

  /** Up to a NUL. */
  string(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end === -1) throw this.malformed();
    const text = this.bytes(end - this.#at).toString("utf8");
    this.bytes(1);
    return text;
  }

  /** All that is left. */
  rest(): Buffer {
    return this.bytes(this.length);
  }

  end(): void {
    if (this.length > 0) throw this.malformed();
  }

  malformed(): ProtocolViolation {
    return new ProtocolViolation(`a malformed ${nameOf(this.#type)}`);
  }
}

/** The fields of an ErrorResponse or a NoticeResponse, by their letters (PostgreSQL documentation, 54.8). */
export function readFields(body: Body): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (let field = body.string(); field !== ""; field = body.string())
    fields.set(field[0] ?? "", field.slice(1));
  body.end();
  return fields;
}

/** As the driver makes it of an ErrorResponse. */
export function readRefusal(message: Message): ServerRefusal {
  const body = new Body(message);
  const fields = readFields(body);
  const text = fields.get("M");
  const code = fields.get("C") ?? "";
  // It decides what is said and done about the error: no word of a stranger's in its place.
  if (text === undefined || !/^[0-9A-Z]{5}$/.test(code)) throw body.malformed();
  const refusal = new ServerRefusal(text, message.bytes.length, "error");
  return Object.assign(refusal, {
    code,
    severity: fields.get("S"),
    detail: fields.get("D"),
    hint: fields.get("H"),
  });
}

function nameOf(type: string): string {
  return /\w/.test(type) ? `message of type ${type}` : "message of no known type";
}

/** For a violation. */
export function unexpected(type: string): string {
  return `an unexpected ${nameOf(type)}`;
}
