import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { TLSSocket, connect as tlsConnect } from "node:tls";
import { serialize } from "pg-protocol";
import { startClient, tlsServerEndPoint } from "../../src/scram";
import { bodyOf, type Frame, readFrame } from "../cockroachdb-stand-in/wire/read";

export interface Door {
  readonly port: number;
  /** With TLS: the CA's certificate. The server's is for `localhost`. */
  readonly ca?: string;
}

/** What a test may do otherwise than a client should. */
export interface Deviation {
  /** In place of what the server offers. */
  readonly offered?: readonly string[];
  /** In place of the hash of the server's certificate. */
  readonly channelBinding?: Uint8Array;
}

/** Logs in with our own exchange over a bare socket; resolves with the mechanism used and with who we are for the server. */
export async function scramLogin(
  door: Door,
  user: string,
  password: string,
  deviation: Deviation = {},
): Promise<string> {
  const { socket, channelBinding } = await startUp(door, user);
  try {
    const request = await read(socket, "R");
    const client = startClient({
      password,
      offered: mechanisms(request),
      ...(channelBinding && { channelBinding }),
      ...deviation,
    });
    socket.write(serialize.sendSASLInitialResponseMessage(client.mechanism, client.first()));
    const final = await client.final(authenticationData(await read(socket, "R")));
    socket.write(serialize.sendSCRAMClientFinalMessage(final));
    client.verify(authenticationData(await read(socket, "R")));
    return `${await whoAmI(socket)} by ${client.mechanism}`;
  } finally {
    socket.destroy();
  }
}

/** Sends a client-first-message as the user, resolves with the server-first-message and hangs up. */
export async function firstAnswer(door: Door, user: string, clientFirst: string): Promise<Buffer> {
  const { socket } = await startUp(door, user);
  try {
    await read(socket, "R");
    socket.write(serialize.sendSASLInitialResponseMessage("SCRAM-SHA-256", clientFirst));
    return authenticationData(await read(socket, "R"));
  } finally {
    socket.destroy();
  }
}

async function startUp({ port, ca }: Door, user: string) {
  const plain = connect(port, "127.0.0.1");
  await once(plain, "connect");
  const socket = ca === undefined ? plain : await secure(plain, ca);
  socket.write(serialize.startup({ user, database: "postgres" }));
  const certificate = socket instanceof TLSSocket ? socket.getPeerCertificate().raw : undefined;
  return { socket, channelBinding: certificate && tlsServerEndPoint(certificate) };
}

async function secure(plain: Socket, ca: string): Promise<TLSSocket> {
  plain.write(serialize.requestSsl());
  await once(plain, "readable");
  if (plain.read(1)?.toString() !== "S") throw new Error("the server has no TLS");
  const secured = tlsConnect({ socket: plain, ca, servername: "localhost" });
  await once(secured, "secureConnect");
  return secured;
}

async function whoAmI(socket: Socket): Promise<string> {
  await read(socket, "Z");
  socket.write(serialize.query("SELECT session_user"));
  // DataRow: the number of columns and the length of the first come before its text.
  return bodyOf(await read(socket, "D")).toString("utf8", 6);
}

/** The next message of a type; rejects with the server's refusal. */
async function read(socket: Socket, type: string): Promise<Frame> {
  for (;;) {
    const frame = await readFrame(socket);
    if (frame === undefined) throw new Error("the server hung up");
    if (frame.type === type) return frame;
    if (frame.type === "E") throw new Error(/\0M([^\0]*)\0/.exec(bodyOf(frame).toString())?.[1]);
  }
}

/** AuthenticationSASL: the code 10, and names that each end in NUL. */
function mechanisms(request: Frame): string[] {
  return authenticationData(request).toString("latin1").split("\0").filter(Boolean);
}

/** What follows the code of an authentication request. */
function authenticationData(request: Frame): Buffer {
  return bodyOf(request).subarray(4);
}
