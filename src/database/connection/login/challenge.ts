import { TLSSocket } from "node:tls";
import type pg from "pg";
import { clientFirstMessage } from "../../../scram/exchange/client-first-message";
import { makeNonce } from "../../../scram/exchange/nonce";
import { parseServerFirstMessage } from "../../../scram/exchange/server-first-message";
import { outOfOrder, readRequest, UnsupportedAuthentication } from "./authentication";
import { ServerRefusal } from "./backend-message";
import { type Frontend, newFrontend } from "./driver";
import { Incoming } from "./incoming";
import { reach, startupParameters } from "./start-up";

/** What a server asks of a user that wants to log in (PostgreSQL documentation, 54.2.1). */
export type Challenge =
  /** What the server has stored, or on PostgreSQL a mock of it: for a user without a verifier, or whose password is expired. */
  | {
      readonly asks: "scram-sha-256";
      readonly salt: Buffer;
      readonly iterations: number;
      /** As the server offers them. */
      readonly mechanisms: readonly string[];
    }
  | { readonly asks: "cleartext-password" | "md5-password" | "nothing" | "something else" }
  | { readonly asks: "refused"; readonly reason: string; readonly sqlstate: string };

/** What was negotiated before anything was asked. */
export interface TlsFacts {
  /** For instance `TLSv1.3`. */
  readonly protocol: string | null;
  /** Distinguished names of the server's certificate, and how long it is valid. */
  readonly subject: string;
  readonly issuer: string;
  readonly validTo: string;
  /** Whether its chain leads to a root that is trusted here. Whether the name in it is checked depends on sslmode. */
  readonly trusted: boolean;
}

export interface BegunLogin {
  readonly challenge: Challenge;
  /** `undefined` without TLS. */
  readonly tls: TlsFacts | undefined;
  /** Whether the client has a certificate to show, which may be why nothing is asked. */
  readonly clientCertificate: boolean;
}

/** Where the connection sets no limit: nobody is to wait for ever for what is only a question. */
const CHALLENGE_MS = 10_000;
/** More than a server takes to see that nobody goes on. */
const LEAVING_MS = 1_000;

/**
 * Begins to log in as a user and goes after the server's first message, which holds salt and iteration count (RFC 5802,
 * section 5): no password is needed, and none is tried.
 *
 * @param withCertificate shows the connection's client certificate, which may log in
 * @throws the driver's error when the server cannot be reached, or says nothing in time; ProtocolViolation
 */
export async function beginLogin(
  config: pg.ClientConfig,
  user: string,
  { withCertificate = false, timeoutMs = config.connectionTimeoutMillis || CHALLENGE_MS } = {},
): Promise<BegunLogin> {
  const { host = "", port = 5432, ssl, sslnegotiation } = config;
  const frontend = newFrontend();
  const timer = setTimeout(() => frontend.stream.destroy(new Error("connection timeout")), timeoutMs);
  try {
    const anonymous = typeof ssl === "object" && { ...ssl, cert: undefined, key: undefined };
    const attempt = withCertificate && typeof ssl === "object" ? ssl : anonymous;
    await reach(frontend, { host, port, ssl: attempt, sslnegotiation });
    frontend.startup(startupParameters({ user, database: config.database }, config));
    const challenge = await ask(frontend);
    return {
      challenge,
      tls: frontend.stream instanceof TLSSocket ? factsOf(frontend.stream) : undefined,
      clientCertificate: attempt !== false && attempt.cert !== undefined,
    };
  } finally {
    clearTimeout(timer);
    leave(frontend.stream);
  }
}

/** Not a word more: an exchange that ends counts as no failed login. Torn down, the server would log it as broken off. */
function leave(stream: Frontend["stream"]): void {
  stream.on("error", () => {});
  const late = setTimeout(() => stream.destroy(), LEAVING_MS);
  stream.once("close", () => clearTimeout(late));
  stream.end();
  stream.resume();
}

async function ask(frontend: Frontend): Promise<Challenge> {
  const incoming = new Incoming(frontend.stream);
  try {
    const request = readRequest(await incoming.next("R"));
    switch (request.method) {
      case "none":
        // Whoever is not asked for anything may still not log in (NOLOGIN), or not to this database: that comes next.
        await incoming.next("SKZ");
        return { asks: "nothing" };
      case "password":
        return { asks: "cleartext-password" };
      case "md5":
        return { asks: "md5-password" };
      case "scram-sha-256":
        return await askForSalt(frontend, incoming, request.mechanisms);
      case "sasl-continue":
      case "sasl-final":
        throw outOfOrder();
      default:
        return { asks: "something else" };
    }
  } catch (error) {
    if (error instanceof UnsupportedAuthentication) return { asks: "something else" };
    if (!(error instanceof ServerRefusal)) throw error;
    return { asks: "refused", reason: error.message, sqlstate: error.code ?? "" };
  }
}

async function askForSalt(
  frontend: Frontend,
  incoming: Incoming,
  mechanisms: readonly string[],
): Promise<Challenge> {
  if (!mechanisms.includes("SCRAM-SHA-256")) return { asks: "something else" };
  const nonce = makeNonce();
  frontend.sendSASLInitialResponseMessage("SCRAM-SHA-256", clientFirstMessage(nonce));
  const answer = readRequest(await incoming.next("R"));
  if (answer.method !== "sasl-continue") throw outOfOrder();
  const { salt, iterations } = parseServerFirstMessage(answer.data, nonce);
  return { asks: "scram-sha-256", salt, iterations, mechanisms };
}

function factsOf(socket: TLSSocket): TlsFacts {
  const certificate = socket.getPeerX509Certificate();
  const name = (text: string | undefined) => (text ?? "").split("\n").reverse().join(", ");
  return {
    protocol: socket.getProtocol(),
    // The name may be in the alternatives alone.
    subject: name(certificate?.subject) || (certificate?.subjectAltName ?? ""),
    issuer: name(certificate?.issuer),
    validTo: certificate === undefined ? "" : new Date(certificate.validTo).toISOString(),
    trusted: socket.authorized,
  };
}
