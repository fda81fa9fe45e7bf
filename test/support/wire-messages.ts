import type { Socket } from "node:net";

/** A message of PostgreSQL's protocol 3, whole. */
export interface Message {
  /** One letter; empty for what comes before a session: startup, a request for TLS, a request to cancel. */
  readonly type: string;
  readonly bytes: Buffer;
}

const PROTOCOL_3 = 3;
const TLS_REQUEST = 80877103;
const GSS_REQUEST = 80877104;

/**
 * The messages that arrive at a socket, until it closes. A client's first ones have no type.
 *
 * @param received called with the bytes as they come
 */
export async function* messages(
  socket: Socket,
  from: "client" | "server",
  received: (bytes: Buffer) => void,
): AsyncGenerator<Message> {
  let typed = from === "server";
  let rest: Buffer = Buffer.alloc(0);
  for await (const bytes of socket) {
    received(bytes);
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const head = typed ? 1 : 0;
      if (rest.length < head + 4) break;
      const end = head + rest.readInt32BE(head);
      if (rest.length < end) break;
      const message = { type: rest.toString("latin1", 0, head), bytes: rest.subarray(0, end) };
      rest = rest.subarray(end);
      typed ||= message.bytes.readInt16BE(4) === PROTOCOL_3;
      yield message;
    }
  }
}

/** Whether the client would rather talk in another way: it goes on in plain when it is told `N`. */
export function asksForEncryption({ type, bytes }: Message): boolean {
  return type === "" && [TLS_REQUEST, GSS_REQUEST].includes(bytes.readInt32BE(4));
}

/** The SQL of a Query or a Parse, which has the name of the prepared statement in front. */
export function statementIn({ type, bytes }: Message): string | undefined {
  if (type !== "Q" && type !== "P") return undefined;
  const start = type === "Q" ? 5 : bytes.indexOf(0, 5) + 1;
  return bytes.toString("utf8", start, bytes.indexOf(0, start));
}

/** Whether the server answers with ReadyForQuery, once it is done with all that came before: Query, Sync, FunctionCall. */
export function awaitsReady({ type }: Message): boolean {
  return ["Q", "S", "F"].includes(type);
}

export function isReady({ type }: Message): boolean {
  return type === "Z";
}
