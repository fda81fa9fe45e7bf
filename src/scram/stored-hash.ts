/** What a server's catalogue holds for a user. (A stand-in until src/scram is merged.) */
export type StoredHash =
  | { kind: "scram-sha-256"; verifier: { iterations: number } }
  | { kind: "bcrypt"; cost: number }
  | { kind: "md5" }
  | { kind: "none" }
  | { kind: "unknown" };
