import { createHash } from "node:crypto";
import { TLSSocket } from "node:tls";
import { UserError } from "../../../errors";
import { startClient } from "../../../scram/exchange/client";
import { tlsServerEndPoint } from "../../../scram/exchange/tls-server-end-point";
import { MAX_ITERATIONS } from "../../../scram/iterations";
import { Body, type Message, ProtocolViolation } from "./backend-message";
import type { Frontend } from "./driver";
import type { Incoming } from "./incoming";
import { checkBinding, checkMethod, type LoginRules, type Method } from "./login-rules";

export interface Credentials {
  readonly user: string;
  /** A function is asked when the server is. */
  readonly password: string | (() => string | Promise<string>) | undefined;
  readonly rules: LoginRules;
  /** For messages: `host:port`. */
  readonly server: string;
  /** A Unix socket, whose folder says who the server is. */
  readonly isLocal: boolean;
}

/** A server asks for what no password or certificate answers. */
export class UnsupportedAuthentication extends Error {
  readonly code = "UNSUPPORTED_AUTHENTICATION";
}

class NoPassword extends Error {
  readonly code = "NO_PASSWORD";
}

/** What a server asks for (PostgreSQL documentation, 54.7: Authentication*), by libpq's names. */
export type Request =
  | { readonly method: Exclude<Method, "md5" | "scram-sha-256" | "oauth"> }
  | { readonly method: "md5"; readonly salt: Buffer }
  | { readonly method: "scram-sha-256"; readonly mechanisms: readonly string[] }
  | { readonly method: "sasl-continue" | "sasl-final"; readonly data: Buffer };

/**
 * @param message of type R
 * @throws ProtocolViolation, UnsupportedAuthentication
 */
export function readRequest(message: Message): Request {
  const body = new Body(message);
  const code = body.int32();
  switch (code) {
    case 0:
      return ended(body, { method: "none" });
    case 3:
      return ended(body, { method: "password" });
    case 5:
      return ended(body, { method: "md5", salt: body.bytes(4) });
    case 10:
      return ended(body, { method: "scram-sha-256", mechanisms: mechanismsIn(body) });
    case 11:
      return { method: "sasl-continue", data: body.rest() };
    case 12:
      return { method: "sasl-final", data: body.rest() };
    case 7:
      return ended(body, { method: "gss" });
    case 9:
      return ended(body, { method: "sspi" });
    case 2:
      throw new UnsupportedAuthentication("Kerberos V5");
    case 6:
      throw new UnsupportedAuthentication("an SCM credential");
    default:
      throw new ProtocolViolation(`an unexpected request for authentication (${code})`);
  }
}

function ended(body: Body, request: Request): Request {
  body.end();
  return request;
}

function mechanismsIn(body: Body): string[] {
  const mechanisms: string[] = [];
  for (let name = body.string(); name !== ""; name = body.string()) mechanisms.push(name);
  return mechanisms;
}

/**
 * Answers what the server asks for, until its AuthenticationOk. That is believed only where the rules allow it, and after SCRAM
 * only when the server has proved that it knows the user's verifier.
 *
 * @throws UserError `require-auth`, `channel-binding` and those of the exchange; ServerRefusal, ProtocolViolation,
 * UnsupportedAuthentication, NoPassword
 */
export async function authenticate(frontend: Frontend, incoming: Incoming, who: Credentials): Promise<void> {
  const tls = frontend.stream instanceof TLSSocket ? frontend.stream : undefined;
  const request = await nextRequest(incoming);
  if (request.method === "sasl-continue" || request.method === "sasl-final") throw outOfOrder();
  if (request.method === "gss" || request.method === "sspi")
    throw new UnsupportedAuthentication(request.method.toUpperCase().replace("GSS", "GSSAPI"));

  checkMethod(request.method, who.server, who.rules, who.isLocal || tls?.authorized === true);
  const offered = request.method === "scram-sha-256" ? request.mechanisms : [];
  checkBinding(tls && offered.includes(PLUS), who.server, who.rules);
  switch (request.method) {
    case "none":
      return;
    case "password":
      frontend.password(await passwordOf(who));
      break;
    case "md5":
      frontend.password(md5Answer(who.user, await passwordOf(who), request.salt));
      break;
    case "scram-sha-256":
      await exchange(frontend, incoming, who, offered, tls);
  }
  if ((await nextRequest(incoming)).method !== "none") throw outOfOrder();
}

const PLUS = "SCRAM-SHA-256-PLUS";

async function exchange(
  frontend: Frontend,
  incoming: Incoming,
  who: Credentials,
  offered: readonly string[],
  tls: TLSSocket | undefined,
): Promise<void> {
  // libpq's word for it; there is nothing to bind to.
  if (offered.includes(PLUS) && tls === undefined) throw new ProtocolViolation(`${PLUS} without TLS`);
  const password = await passwordOf(who);
  const channelBinding = tls && who.rules.channelBinding !== "disable" && bindingTo(tls, offered, who.server);
  try {
    const client = startClient({
      password,
      offered,
      ...(channelBinding && { channelBinding }),
      // The default bound is less than what CockroachDB v22.1 stores for its administrators.
      maxIterations: MAX_ITERATIONS,
    });
    frontend.sendSASLInitialResponseMessage(client.mechanism, client.first());
    frontend.sendSCRAMClientFinalMessage(await client.final(await nextData(incoming, "sasl-continue")));
    client.verify(await nextData(incoming, "sasl-final"));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { code, hint, withoutHint } = error;
    const problem = `could not log in on ${who.server}: ${withoutHint[0]?.toLowerCase()}${withoutHint.slice(1)}`;
    throw new UserError(code, problem, hint === undefined ? {} : { hint });
  }
}

/**
 * Where the server offers no binding, its data is not used: only that we could tells a server that did offer it, that somebody
 * took the offer away (RFC 5802 section 6).
 *
 * @throws UserError `channel-binding`: somebody between us and the server could show such a certificate to be rid of it
 */
function bindingTo(tls: TLSSocket, offered: readonly string[], server: string): Buffer {
  const { raw } = tls.getPeerCertificate();
  if (!offered.includes(PLUS)) return raw;
  try {
    return tlsServerEndPoint(raw);
  } catch (cause) {
    throw new UserError(
      "channel-binding",
      `the certificate of ${server} is none that a login can be bound to`,
      {
        hint: "give it one with an RSA or ECDSA signature, or set channel_binding=disable",
        cause,
      },
    );
  }
}

async function nextRequest(incoming: Incoming): Promise<Request> {
  return readRequest(await incoming.next("R"));
}

async function nextData(incoming: Incoming, method: "sasl-continue" | "sasl-final"): Promise<Buffer> {
  const request = await nextRequest(incoming);
  if (request.method !== method) throw outOfOrder();
  return request.data;
}

export function outOfOrder(): ProtocolViolation {
  return new ProtocolViolation("messages of the authentication out of order");
}

async function passwordOf({ password }: Credentials): Promise<string> {
  const known = typeof password === "function" ? await password() : password;
  if (!known) throw new NoPassword();
  return known;
}

/** PostgreSQL documentation, 54.2.1: AuthenticationMD5Password. */
function md5Answer(user: string, password: string, salt: Buffer): string {
  const md5 = (...parts: (string | Buffer)[]) =>
    parts.reduce((hash, part) => hash.update(part), createHash("md5")).digest("hex");
  return `md5${md5(md5(password, user), salt)}`;
}
