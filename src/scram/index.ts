/**
 * `pulumi-scram/scram`: SCRAM-SHA-256 verifiers (RFC 5802, RFC 7677) as PostgreSQL and CockroachDB store them, and the
 * exchange in which they are used, for clients and servers. Without I/O.
 */
export { UserError } from "../errors";
export type { Mechanism } from "./exchange/channel-binding";
export { type ClientExchange, startClient } from "./exchange/client";
export { clientFirstMessage } from "./exchange/client-first-message";
export type { ClientOptions } from "./exchange/client-options";
export { makeNonce } from "./exchange/nonce";
export { type ServerExchange, startServer } from "./exchange/server";
export { parseServerFirstMessage, type ServerFirst } from "./exchange/server-first-message";
export type { Outcome, ServerOptions } from "./exchange/server-options";
export type { SignatureHash } from "./exchange/signature-hash";
export { tlsServerEndPoint } from "./exchange/tls-server-end-point";
export {
  checkIterations,
  DEFAULT_ITERATIONS,
  MAX_ITERATIONS,
  MAX_PORTABLE_ITERATIONS,
  MIN_ITERATIONS,
} from "./iterations";
export { normalizePassword, type SaslprepRefusal, saslprep } from "./saslprep";
export { classifyStoredHash, looksLikeHash, type StoredHash } from "./stored-hash";
export { deriveVerifier, equalVerifiers, type Verifier, verifyPassword } from "./verifier";
export { formatVerifier, parseVerifier } from "./verifier-text";
