import { X509Certificate } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { onTestFinished } from "vitest";
import { startServer, tlsServerEndPoint, UserError, type Verifier } from "../../src/scram";
import {
  authenticationOk,
  authenticationSaslContinue,
  authenticationSaslFinal,
  authenticationSaslOffer,
  errorResponse,
  readyForQuery,
} from "../cockroachdb-stand-in/wire/messages";
import { bodyOf, readFrame, readStartupPacket } from "../cockroachdb-stand-in/wire/read";
import { secure } from "../cockroachdb-stand-in/wire/secure";
import { SqlError } from "../cockroachdb-stand-in/wire/sql-error";
import type { Certificate } from "./certificates";

const SSL_REQUEST = 80877103;
const MOCK_KEY = Buffer.alloc(32, "mock");

/**
 * A server that logs users in with our own exchange, until the test ends, and has nothing to offer after that.
 *
 * @param boundTo the certificate it believes to have shown: another one, where somebody stands between it and the client
 * @returns its port, and the mechanisms that clients chose
 */
export async function startScramServer(
  verifiers: Readonly<Record<string, Verifier>>,
  tls?: Certificate,
  boundTo = tls,
): Promise<{ readonly port: number; readonly chosen: readonly string[] }> {
  const chosen: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    receive(socket).catch((error) => {
      console.error("The SCRAM server failed:", error);
      socket.destroy();
    });
  });

  async function receive(socket: Socket): Promise<void> {
    let stream: Duplex = socket;
    let packet = await readStartupPacket(stream);
    if (packet?.readInt32BE(0) === SSL_REQUEST) {
      stream.write(tls === undefined ? "N" : "S");
      stream = (tls && (await secure(socket, tls))) ?? stream;
      packet = await readStartupPacket(stream);
    }
    const user = /\0user\0([^\0]*)\0/.exec(packet?.toString("utf8", 3) ?? "")?.[1] ?? "";
    try {
      await authenticate(stream, user, stream === socket ? undefined : boundTo);
      stream.write(Buffer.concat([authenticationOk, readyForQuery("I")]));
      await readFrame(stream);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      stream.write(errorResponse(error));
    }
    stream.end();
  }

  /** The order of PostgreSQL's messages: AuthenticationSASL, …Continue, …Final. */
  async function authenticate(stream: Duplex, user: string, shown: Certificate | undefined): Promise<void> {
    const exchange = startServer({
      user,
      lookup: (name) => verifiers[name],
      mockKey: MOCK_KEY,
      ...(shown && { channelBinding: tlsServerEndPoint(new X509Certificate(shown.cert).raw) }),
    });
    try {
      stream.write(authenticationSaslOffer(exchange.mechanisms));
      const answer = await readAnswer(stream);
      const end = answer.indexOf(0);
      const mechanism = answer.toString("latin1", 0, end);
      chosen.push(mechanism);
      // The length of the message stands between mechanism and message.
      stream.write(authenticationSaslContinue(await exchange.first(mechanism, answer.subarray(end + 5))));
      const outcome = exchange.final(await readAnswer(stream));
      if (!outcome.authenticated) throw new SqlError("28P01", outcome.refusal);
      stream.write(authenticationSaslFinal(outcome.serverFinalMessage));
    } catch (error) {
      if (error instanceof UserError) throw new SqlError("08P01", error.message);
      throw error;
    }
  }

  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, chosen };
}

async function readAnswer(stream: Duplex): Promise<Buffer> {
  const frame = await readFrame(stream);
  if (frame?.type !== "p") throw new SqlError("08P01", "expected a SASL response");
  return bodyOf(frame);
}
