import {
  Body,
  Framing,
  type Message,
  ProtocolViolation,
  readFields,
  readRefusal,
  unexpected,
} from "./backend-message";

/** The most that one query may be answered with: more than a hundred thousand users. */
const MAX_ANSWER = 64 * 1024 * 1024;
/** What the driver keeps of a message, however short. */
const KEPT = 64;

/** What the driver would do with a message of another kind (COPY, authentication) is nothing that we ever ask for. */
const MESSAGES: Readonly<Record<string, (body: Body, message: Message) => void>> = {
  "1": () => {},
  "2": () => {},
  "3": () => {},
  A: (body) => void [body.int32(), body.string(), body.string()],
  C: (body) => void body.string(),
  E: (body, message) => void [readRefusal(message), body.rest()],
  I: () => {},
  N: (body) => void readFields(body),
  S: (body) => void [body.string(), body.string()],
  Z: (body) => {
    if (!"ITE".includes(body.bytes(1).toString("latin1"))) throw body.malformed();
  },
  n: () => {},
};

/** Without a query: notices, changes of parameters, the end of the session. */
const AT_ANY_TIME = "ANSE";

/** Of a query: CommandComplete, EmptyQueryResponse, ErrorResponse. */
const OUTCOMES = "CIE";

/**
 * What a server that has let us in says, made sure of before the driver reads it: the driver throws out of the socket's handler,
 * where nobody can catch it and the process ends, or takes what is not there for an empty value.
 */
export class Answers {
  readonly #framing = new Framing(`${Object.keys(MESSAGES).join("")}TD`);
  /** Queries that were sent, each of which a ReadyForQuery ends. */
  #open = 0;
  /** Whether there is an outcome for it to end. */
  #isOver = false;
  /** Of the rows that follow a RowDescription. */
  #columns: number | undefined;
  #size = 0;

  /** A query is sent. */
  expect(): void {
    this.#open++;
  }

  /** The messages that are whole with this piece. @throws ProtocolViolation */
  push(piece: Buffer): Message[] {
    const messages = this.#framing.push(piece);
    for (const message of messages) this.#check(message);
    return messages;
  }

  #check(message: Message): void {
    const { type, bytes } = message;
    this.#size += Math.max(bytes.length, KEPT);
    if (this.#size > MAX_ANSWER) throw new ProtocolViolation(`an answer of more than ${MAX_ANSWER} bytes`);
    if (this.#open === 0 && !AT_ANY_TIME.includes(type)) throw new ProtocolViolation(unexpected(type));
    const body = new Body(message);
    switch (type) {
      case "T":
        this.#columns = describedColumns(body);
        break;
      case "D":
        if (body.int16() !== this.#columns) throw body.malformed();
        for (let i = 0; i < this.#columns; i++) readValue(body);
        break;
      default:
        MESSAGES[type]?.(body, message);
        if (OUTCOMES.includes(type)) {
          this.#isOver = true;
          this.#columns = undefined;
        }
    }
    body.end();
    if (type === "Z") this.#endQuery();
  }

  #endQuery(): void {
    if (!this.#isOver) throw new ProtocolViolation("no outcome of a query");
    this.#isOver = false;
    this.#open--;
    this.#size = 0;
  }
}

function describedColumns(body: Body): number {
  const count = body.int16();
  if (count < 0) throw body.malformed();
  for (let i = 0; i < count; i++) {
    body.string();
    // The table, the column in it, the type, its size and modifier.
    body.bytes(4 + 2 + 4 + 2 + 4);
    // As text; we never ask for binary.
    if (body.int16() !== 0) throw body.malformed();
  }
  return count;
}

/** NULL has no bytes. */
function readValue(body: Body): void {
  const length = body.int32();
  if (length !== -1) body.bytes(length);
}
