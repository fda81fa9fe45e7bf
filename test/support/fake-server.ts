import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import pg from "pg";
import { onTestFinished } from "vitest";
import {
  deriveVerifier,
  MAX_ITERATIONS,
  MIN_ITERATIONS,
  startServer,
  tlsServerEndPoint,
  UserError,
} from "../../src/scram";
import {
  authenticationCleartextPassword,
  authenticationOk,
  authenticationSaslContinue,
  authenticationSaslFinal,
  authenticationSaslOffer,
  backendKeyData,
  errorResponse,
  parameterStatus,
  readyForQuery,
} from "../cockroachdb-stand-in/wire/messages";
import { bodyOf, type Frame, readFrame, readStartupPacket } from "../cockroachdb-stand-in/wire/read";
import { secure } from "../cockroachdb-stand-in/wire/secure";
import { SqlError } from "../cockroachdb-stand-in/wire/sql-error";
import type { Certificate } from "./certificates";
import { awaitsReady, isReady, statementIn } from "./wire-messages";

/** What a client says, each of which a server answers. */
export type Moment =
  | "SSLRequest"
  | "ClientHello"
  | "StartupMessage"
  | "SASLInitialResponse"
  | "SASLResponse"
  | "PasswordMessage"
  | "Query";

/** In place of the right answer. The connection stays open and nothing more is said, unless it says so. */
export interface Answer {
  readonly send?: Buffer;
  readonly next?: "closes" | "goes on";
}

export interface Situation {
  readonly at: Moment;
  readonly right: Buffer;
  readonly overTls: boolean;
  /** Of a query: over all connections, from 1. */
  readonly number: number;
}

export interface FakeServerOptions {
  /** @default "SCRAM" */
  readonly asks?: "SCRAM" | "cleartext" | "md5" | "nothing";
  /** What it says; it has hashed with no fewer and no more than anybody may. @default 4096 */
  readonly iterations?: number;
  /** Without it there is no TLS. */
  readonly tls?: Certificate | undefined;
  /** The certificate that it believes to have shown: another one, where somebody stands between it and the client. */
  readonly boundTo?: Certificate;
  /** @default what it can */
  readonly offers?: readonly string[];
  /** A real server's administrator, as whom queries are carried out; without it each one is refused. */
  readonly backend?: string;
  /** `undefined` for the right answer. */
  readonly answer?: (situation: Situation) => Answer | undefined;
}

const SSL_REQUEST = 80877103;
/** Of the one user, `postgres`. */
export const FAKE_PASSWORD = "Canary-5f1d";
/** As told to whoever asks a server without a backend. */
export const NO_BACKEND_CODE = "0FAKE";
const NO_BACKEND = Buffer.concat([
  errorResponse(new SqlError(NO_BACKEND_CODE, "no backend")),
  readyForQuery("I"),
]);
const SALT = Buffer.alloc(16, "salt");

/** A PostgreSQL that does the right thing, save where it is told to do another. It ends with the test. */
export class FakeServer {
  port = 0;
  /** All that clients said, decrypted. */
  heard = "";
  /** The connections that got as far as a StartupMessage. */
  readonly ways: ("TLS" | "plain")[] = [];
  /** The SASL mechanisms that clients chose, with the flag of RFC 5802 for channel binding. */
  readonly chosen: string[] = [];
  queries = 0;
  options: FakeServerOptions;
  readonly #open = new Set<Duplex>();
  readonly #listener = createServer((socket) => this.#accept(socket));

  private constructor(options: FakeServerOptions) {
    this.options = options;
  }

  static async start(options: FakeServerOptions = {}): Promise<FakeServer> {
    const server = new FakeServer(options);
    await new Promise<void>((ready) => server.#listener.listen(0, "127.0.0.1", ready));
    server.port = (server.#listener.address() as AddressInfo).port;
    onTestFinished(() => server.stop());
    return server;
  }

  /** @param query `sslmode=disable` */
  url(query = ""): string {
    return `postgresql://postgres:${FAKE_PASSWORD}@127.0.0.1:${this.port}/postgres?${query}`;
  }

  stop(): void {
    this.#listener.close();
    for (const stream of this.#open) stream.destroy();
  }

  #accept(socket: Socket): void {
    this.#opened(socket);
    // A client that goes away, or says what nobody understands, is none of the server's failures.
    this.#serve(socket).catch((error) => {
      if (!(error instanceof Left)) console.error("The fake server failed:", error);
      socket.destroy();
    });
  }

  #opened(stream: Duplex): void {
    this.#open.add(stream);
    stream.on("error", () => {}).on("close", () => this.#open.delete(stream));
  }

  async #serve(socket: Socket): Promise<void> {
    const { tls } = this.options;
    let stream: Duplex = socket;
    let packet = await this.#readStartup(stream);
    if (packet.readInt32BE(0) === SSL_REQUEST) {
      await this.#say(stream, "SSLRequest", Buffer.from(tls === undefined ? "N" : "S"));
      if (tls !== undefined) {
        await this.#say(stream, "ClientHello", Buffer.alloc(0));
        stream = (await secure(socket, tls)) ?? left();
        this.#opened(stream);
      }
      packet = await this.#readStartup(stream);
    }
    this.ways.push(stream === socket ? "plain" : "TLS");
    await this.#authenticate(stream, stream !== socket);
    await this.#answerQueries(stream);
    stream.end();
  }

  async #authenticate(stream: Duplex, overTls: boolean): Promise<void> {
    const ready = Buffer.concat([
      authenticationOk,
      parameterStatus("server_version", "18.0"),
      backendKeyData(1),
      readyForQuery("I"),
    ]);
    const { asks = "SCRAM" } = this.options;
    switch (asks) {
      case "nothing":
        return this.#say(stream, "StartupMessage", ready);
      case "SCRAM":
        return this.#exchange(stream, overTls, ready);
      default: {
        const md5 = Buffer.concat([
          authenticationCleartextPassword.subarray(0, 4),
          Buffer.from("\x0c\0\0\0\x05salt", "latin1"),
        ]);
        await this.#say(stream, "StartupMessage", asks === "md5" ? md5 : authenticationCleartextPassword);
        await this.#readFrame(stream);
        return this.#say(stream, "PasswordMessage", ready);
      }
    }
  }

  async #exchange(stream: Duplex, overTls: boolean, ready: Buffer): Promise<void> {
    const { iterations = 4096, tls, boundTo = tls } = this.options;
    const hashed = Math.min(Math.max(iterations, MIN_ITERATIONS), MAX_ITERATIONS);
    const verifier = await deriveVerifier(FAKE_PASSWORD, { salt: SALT, iterations: hashed });
    const exchange = startServer({
      user: "postgres",
      lookup: () => verifier,
      mockKey: Buffer.alloc(32),
      ...(overTls && boundTo && { channelBinding: tlsServerEndPoint(new X509Certificate(boundTo.cert).raw) }),
    });
    await this.#say(
      stream,
      "StartupMessage",
      authenticationSaslOffer(this.options.offers ?? exchange.mechanisms),
    );
    const initial = bodyOf(await this.#readFrame(stream));
    const end = initial.indexOf(0);
    const mechanism = initial.toString("latin1", 0, end);
    // The length of the message stands between mechanism and message.
    const clientFirst = initial.subarray(end + 5);
    this.chosen.push(`${mechanism} ${clientFirst.toString("latin1").split(",")[0]}`);
    const serverFirst = await this.#orRefuse(stream, () => exchange.first(mechanism, clientFirst));
    const said = serverFirst.replace(/\d+$/, String(iterations));
    await this.#say(stream, "SASLInitialResponse", authenticationSaslContinue(said));
    const clientFinal = bodyOf(await this.#readFrame(stream));
    const outcome = await this.#orRefuse(stream, () => exchange.final(clientFinal));
    const right = outcome.authenticated
      ? Buffer.concat([authenticationSaslFinal(outcome.serverFinalMessage), ready])
      : errorResponse(new SqlError("28P01", outcome.refusal));
    await this.#say(stream, "SASLResponse", right);
  }

  async #orRefuse<T>(stream: Duplex, step: () => T | Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      stream.end(errorResponse(new SqlError("08P01", error.message)));
      return left();
    }
  }

  async #answerQueries(stream: Duplex): Promise<void> {
    const { backend } = this.options;
    const upstream = backend === undefined ? undefined : await loggedIn(backend);
    if (upstream !== undefined) this.#opened(upstream);
    stream.on("close", () => upstream?.destroy());
    for (;;) {
      const frame = await this.#readFrame(stream);
      if (statementIn(frame) !== undefined) this.queries++;
      upstream?.write(frame.bytes);
      if (frame.type === "X") return;
      if (awaitsReady(frame))
        await this.#say(stream, "Query", upstream ? await untilReady(upstream) : NO_BACKEND);
    }
  }

  /** Sends the answer of this moment, and says nothing more unless it was the right one. */
  async #say(stream: Duplex, at: Moment, right: Buffer): Promise<void> {
    const overTls = "encrypted" in stream;
    const answer = this.options.answer?.({ at, right, overTls, number: this.queries });
    if (answer === undefined) return void stream.write(right);
    if (at === "ClientHello") await once(stream, "readable");
    if (answer.send !== undefined) stream.write(answer.send);
    if (answer.next === "goes on") return;
    if (answer.next === "closes") stream.end();
    await this.#listen(stream);
  }

  /** For ever. */
  async #listen(stream: Duplex): Promise<never> {
    stream.removeAllListeners("readable").on("data", (bytes: Buffer) => this.#hear(bytes));
    stream.resume();
    return new Promise(() => {});
  }

  async #readStartup(stream: Duplex): Promise<Buffer> {
    return this.#hear((await readStartupPacket(stream)) ?? left());
  }

  async #readFrame(stream: Duplex): Promise<Frame> {
    const frame = (await readFrame(stream)) ?? left();
    this.#hear(frame.bytes);
    return frame;
  }

  #hear(bytes: Buffer): Buffer {
    this.heard += bytes.toString("latin1");
    return bytes;
  }
}

/** The client is gone. */
class Left extends Error {}

function left(): never {
  throw new Left();
}

/** A session of the driver's, without the driver. */
async function loggedIn(url: string): Promise<Duplex> {
  const client = new pg.Client(url);
  client.on("error", () => {});
  await client.connect();
  const stream = client.connection.stream as Duplex;
  return stream.removeAllListeners("data").removeAllListeners("end").pause();
}

async function untilReady(stream: Duplex): Promise<Buffer> {
  const frames: Buffer[] = [];
  for (;;) {
    const frame = (await readFrame(stream)) ?? left();
    frames.push(frame.bytes);
    if (isReady(frame)) return Buffer.concat(frames);
  }
}
