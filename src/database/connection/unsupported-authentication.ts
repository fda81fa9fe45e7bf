import { EventEmitter } from "node:events";
import type { Socket } from "node:net";

/** Authentication requests that the driver does not know (PostgreSQL documentation, 54.7), by their code. */
const METHODS: Readonly<Record<number, string>> = {
  2: "Kerberos V5",
  6: "an SCM credential",
  7: "GSSAPI",
  8: "GSSAPI",
  9: "SSPI",
};

/** What the driver's types lack of its connection. */
interface Wire {
  /** Called once the stream is the one that messages come by, TLS or not. */
  attachListeners(stream: Pick<EventEmitter, "on">): void;
  emit(event: "error", error: Error): boolean;
}

/** A server asks for what no password or certificate answers. */
export class UnsupportedAuthentication extends Error {
  readonly code = "UNSUPPORTED_AUTHENTICATION";

  constructor(code: number) {
    super(METHODS[code] ?? String(code));
  }
}

/**
 * Makes an `error` of what the driver would throw out of the socket's handler, where nobody can catch it and the process ends.
 *
 * @param connection the driver's, before it connects
 */
export function reportUnsupportedAuthentication(connection: unknown): void {
  const wire = connection as Wire;
  const attach = wire.attachListeners.bind(wire);
  wire.attachListeners = (stream) => {
    const known = new EventEmitter();
    attach(known);
    let isFirst = true;
    (stream as Socket).on("data", (bytes: Buffer) => {
      const code = isFirst ? authenticationCode(bytes) : undefined;
      isFirst = false;
      if (code !== undefined && METHODS[code] !== undefined)
        wire.emit("error", new UnsupportedAuthentication(code));
      else known.emit("data", bytes);
    });
    stream.on("end", () => known.emit("end"));
  };
}

/** Of an authentication request: `R`, its length, and a code. */
function authenticationCode(bytes: Buffer): number | undefined {
  return bytes[0] === "R".charCodeAt(0) && bytes.length >= 9 ? bytes.readInt32BE(5) : undefined;
}
