import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import pg from "pg";
import { clientFirstMessage } from "../../scram/exchange/client-first-message";
import { makeNonce } from "../../scram/exchange/nonce";
import { parseServerFirstMessage } from "../../scram/exchange/server-first-message";
import { reportUnsupportedAuthentication, UnsupportedAuthentication } from "./unsupported-authentication";

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
  | { readonly asks: "refused"; readonly reason: string };

/** What was negotiated before anything was asked. */
export interface TlsFacts {
  /** For instance `TLSv1.3`. */
  readonly protocol: string | null;
  /** Distinguished names of the server's certificate, and how long it is valid. */
  readonly subject: string;
  readonly issuer: string;
  readonly validTo: string;
  /** Whether its chain leads to a root that is trusted here; the name in it is a matter of sslmode. */
  readonly trusted: boolean;
}

export interface BegunLogin {
  readonly challenge: Challenge;
  /** `undefined` without TLS. */
  readonly tls: TlsFacts | undefined;
}

/** What the driver's types lack of its connection. */
interface Wire {
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  startup(parameters: Readonly<Record<string, string>>): void;
  sendSASLInitialResponseMessage(mechanism: string, response: string): void;
  end(): void;
  on(event: string, listener: (message: never) => void): this;
  readonly stream: Socket | TLSSocket;
}

/** Where the connection sets no limit: nobody is to wait for ever for what is only a question. */
const CHALLENGE_MS = 10_000;

/**
 * Begins to log in as a user and goes after the server's first message, which holds salt and iteration count (RFC 5802,
 * section 5): no password is needed, and none is tried. Without the administrator's client certificate, which would log in.
 *
 * @throws the driver's error when the server cannot be reached, or says nothing in time
 */
export async function beginLogin(
  config: pg.ClientConfig,
  user: string,
  timeoutMs = config.connectionTimeoutMillis || CHALLENGE_MS,
): Promise<BegunLogin> {
  const { host = "", port = 5432, ssl, sslnegotiation: sslNegotiation } = config;
  const tls = typeof ssl === "object" ? { ...ssl, cert: undefined, key: undefined } : ssl;
  const wire = new pg.Connection({ ssl: tls, sslNegotiation } as pg.ConnectionConfig) as unknown as Wire;
  const nonce = makeNonce();
  let timer: NodeJS.Timeout | undefined;
  let offered: readonly string[] = [];
  return new Promise<Challenge>((resolve, reject) => {
    const startup = () => wire.startup(startupParameters(config, user));
    timer = setTimeout(() => reject(new Error("connection timeout")), timeoutMs);
    wire
      .on("connect", () => {
        if (!tls) startup();
        else if (sslNegotiation !== "direct") wire.requestSsl();
      })
      .on("sslconnect", startup)
      .on("authenticationSASL", ({ mechanisms }: { mechanisms: readonly string[] }) => {
        if (!mechanisms.includes("SCRAM-SHA-256")) return resolve({ asks: "something else" });
        offered = mechanisms;
        wire.sendSASLInitialResponseMessage("SCRAM-SHA-256", clientFirstMessage(nonce));
      })
      .on("authenticationSASLContinue", ({ data }: { data: string }) => {
        try {
          const { salt, iterations } = parseServerFirstMessage(data, nonce);
          resolve({ asks: "scram-sha-256", salt, iterations, mechanisms: offered });
        } catch (error) {
          reject(error);
        }
      })
      .on("authenticationCleartextPassword", () => resolve({ asks: "cleartext-password" }))
      .on("authenticationMD5Password", () => resolve({ asks: "md5-password" }))
      .on("authenticationOk", () => resolve({ asks: "nothing" }))
      .on("errorMessage", ({ message }: { message: string }) => resolve({ asks: "refused", reason: message }))
      .on("error", (error: Error) => {
        if (error instanceof UnsupportedAuthentication) resolve({ asks: "something else" });
        else reject(error);
      })
      .on("end", () => reject(new Error("Connection terminated")));
    reportUnsupportedAuthentication(wire);
    if (host.startsWith("/")) wire.connect(`${host}/.s.PGSQL.${port}`);
    else wire.connect(port, host);
  })
    .then((challenge) => ({
      challenge,
      tls: wire.stream instanceof TLSSocket ? factsOf(wire.stream) : undefined,
    }))
    .finally(() => {
      clearTimeout(timer);
      // Not a word more: an aborted exchange counts as no failed login.
      wire.stream.destroy();
    });
}

/** As the driver's client sends them: a proxy may route by `options`. */
function startupParameters(
  { database = "", options = "", application_name: application = "" }: pg.ClientConfig,
  user: string,
): Record<string, string> {
  return {
    user,
    database: database || user,
    client_encoding: "UTF8",
    ...(application && { application_name: application }),
    ...(options && { options }),
  };
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
