/**
 * `pulumi-scram/scram`: SCRAM-SHA-256 verifiers (RFC 5802, RFC 7677) as PostgreSQL and CockroachDB store them.
 * Pure functions without I/O.
 */
export { ScramError } from "./error";
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
