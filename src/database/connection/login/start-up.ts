import { isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import type pg from "pg";
import type { TlsAttempt } from "../tls/tls";
import { NoTls, tlsFailure } from "../tls/tls-failure";
import { authenticate, type Credentials } from "./authentication";
import { Body, ProtocolViolation } from "./backend-message";
import type { Frontend } from "./driver";
import { arrival, Incoming, nextPiece } from "./incoming";

/** Where to, and how. */
export interface Address {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly ssl: TlsAttempt;
  /** `direct` begins with TLS at once (PostgreSQL 17 and later). */
  readonly sslnegotiation?: "postgres" | "direct" | undefined;
}

/**
 * Connects, and has the connection encrypted where that is wanted. The stream is the frontend's from the first moment on, for
 * whoever has to destroy it.
 *
 * @throws what the sockets throw; NO_TLS, TLS_FAILED, NOT_POSTGRESQL; all with `unasked: true`
 */
export async function reach(frontend: Frontend, address: Address): Promise<void> {
  try {
    await connectTo(frontend, address);
  } catch (error) {
    throw unasked(error);
  }
}

async function connectTo(frontend: Frontend, { host, port, ssl, sslnegotiation }: Address): Promise<void> {
  const socket = frontend.stream as Socket;
  // Whoever waits is told; without a listener, an error that nobody waits for would end the process.
  socket.on("error", () => {});
  if (isSocketFolder(host)) socket.connect(`${host}/.s.PGSQL.${port}`);
  else socket.connect(port, host);
  await arrival(socket, "connect");
  socket.setNoDelay(true).setKeepAlive(true);
  if (ssl === false) return;

  if (sslnegotiation !== "direct") {
    frontend.requestSsl();
    const answer = (await nextPiece(socket)).toString("latin1");
    if (answer === "N") throw new NoTls("NO_TLS");
    // Whatever came with the letter came in the open, from anybody.
    if (answer !== "S") throw new ProtocolViolation("no answer to the request for TLS", "NOT_POSTGRESQL");
  }
  const secure = secured(socket, host, ssl);
  frontend.stream = secure;
  await handshake(secure);
}

export function isSocketFolder(host: string): boolean {
  return host.startsWith("/");
}

function secured(socket: Socket, host: string, options: ConnectionOptions): TLSSocket {
  const { key } = options; // The driver hides it from copies.
  const servername = isIP(host) === 0 ? { servername: host } : {};
  // A server that is talked to directly insists on ALPN (PostgreSQL documentation, 54.2.10).
  const ALPNProtocols = ["postgresql"];
  return connect({ host, ...servername, ALPNProtocols, ...options, ...(key && { key }), socket }).on(
    "error",
    () => {},
  );
}

async function handshake(stream: TLSSocket): Promise<void> {
  try {
    await arrival(stream, "secureConnect");
  } catch (error) {
    const { code, message, reason } = error as NodeJS.ErrnoException & { reason?: string };
    // Ours, of a time that is over, have no code.
    if (code === undefined) throw error;
    const known = tlsFailure(code) === undefined ? "TLS_FAILED" : code;
    throw new NoTls(known, code.startsWith("ERR_SSL_") && reason ? reason : message.trim());
  }
}

/** Of the StartupMessage; a proxy may route by `options`. The driver adds the encoding. */
export function startupParameters(
  { user = "", database }: { readonly user?: string | undefined; readonly database?: string | undefined },
  { application_name: application, options }: Pick<pg.ClientConfig, "application_name" | "options">,
): Record<string, string> {
  return {
    user,
    database: database || user,
    ...(application && { application_name: application }),
    ...(options && { options }),
  };
}

/**
 * From the StartupMessage to the first ReadyForQuery (PostgreSQL documentation, 54.2.1).
 *
 * @throws as {@link authenticate}; with `unasked: true` where the server had asked for nothing yet
 */
export async function logIn(
  frontend: Frontend,
  parameters: Readonly<Record<string, string>>,
  credentials: Credentials,
): Promise<void> {
  frontend.startup(parameters);
  const incoming = new Incoming(frontend.stream);
  try {
    await authenticate(frontend, incoming, credentials);
    await untilReady(incoming);
  } catch (error) {
    throw incoming.isAsked ? error : unasked(error);
  }
  incoming.leave();
}

/** The server had not asked for anything yet, so that the password was of no use to anybody. */
function unasked(error: unknown): unknown {
  return Object.assign(error as Error, { unasked: true });
}

async function untilReady(incoming: Incoming): Promise<void> {
  for (;;) {
    const message = await incoming.next("SKZ");
    const body = new Body(message);
    switch (message.type) {
      case "S":
        body.string();
        body.string();
        break;
      case "K":
        body.int32();
        body.int32();
        break;
      default:
        // Not in a transaction.
        if (body.bytes(1).toString() !== "I") throw body.malformed();
    }
    body.end();
    if (message.type === "Z") return;
  }
}
