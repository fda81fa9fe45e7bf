import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import pg from "pg";
import type { Visitor } from "./login/attempt";
import { authenticate } from "./login/authenticate";
import { normaliseName } from "./roles/names";
import { runSession } from "./session/session";
import type { StandIn } from "./stand-in";
import { errorResponse } from "./wire/messages";
import { readStartupPacket } from "./wire/read";
import { certificateName, secure, type TlsOptions } from "./wire/secure";
import { SqlError } from "./wire/sql-error";

export interface DoorOptions {
  readonly tls?: TlsOptions | undefined;
  readonly requireTls?: boolean | undefined;
}

const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
const CANCEL_REQUEST = 80877102;

/** Listens on a free port of 127.0.0.1. */
export async function listen(
  standIn: StandIn,
  door: DoorOptions,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.once("close", () => open.delete(socket));
    receive(socket, standIn, door).catch((error) => {
      console.error("The CockroachDB stand-in failed:", error);
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of open) socket.destroy();
    });
  return { port: typeof address === "object" && address !== null ? address.port : 0, close };
}

/** One connection: TLS if asked for, startup, login, session. */
async function receive(socket: Socket, standIn: StandIn, door: DoorOptions): Promise<void> {
  let stream: Duplex = socket;
  try {
    for (;;) {
      const packet = await readStartupPacket(stream);
      const code = packet?.readInt32BE(0);
      if (packet === undefined || code === CANCEL_REQUEST) break;
      if (code === GSS_REQUEST || code === SSL_REQUEST) {
        const tls = code === SSL_REQUEST ? door.tls : undefined;
        stream.write(tls === undefined ? "N" : "S");
        const secured = tls && (await secure(socket, tls));
        if (tls !== undefined && secured === undefined) return void socket.destroy();
        stream = secured ?? stream;
        continue;
      }
      const parameters = startupParameters(packet);
      const visitor = meet(stream, socket, parameters.get("user") ?? "", door);
      await authenticate(visitor, standIn);
      await runSession(visitor, parameters, standIn);
      break;
    }
  } catch (error) {
    stream.write(errorResponse(asSqlError(error)));
  }
  stream.end();
}

/** PostgreSQL's own refusal of a connection included. */
function asSqlError(error: unknown): SqlError {
  if (error instanceof SqlError) return error;
  if (error instanceof pg.DatabaseError) return new SqlError(error.code ?? "XX000", error.message);
  throw error;
}

function meet(stream: Duplex, socket: Socket, user: string, { requireTls }: DoorOptions): Visitor {
  const secured = stream instanceof TLSSocket;
  if (requireTls && !secured) {
    // Facts 4.1
    throw new SqlError("08P01", "node is running secure mode, SSL connection required");
  }
  const certificate = secured ? certificateName(stream) : undefined;
  return {
    stream,
    user: normaliseName(user),
    type: secured ? "hostssl" : "hostnossl",
    address: socket.remoteAddress ?? "",
    ...(certificate !== undefined && { certificate }),
  };
}

function startupParameters(packet: Buffer): Map<string, string> {
  const words = packet.toString("utf8", 4).split("\0");
  const parameters = new Map<string, string>();
  for (let i = 0; i + 1 < words.length && words[i] !== ""; i += 2)
    parameters.set(words[i] ?? "", words[i + 1] ?? "");
  return parameters;
}
