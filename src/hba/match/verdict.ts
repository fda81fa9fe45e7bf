/** What a login that matches a rule comes to. */
export interface Verdict {
  /** What the client has to answer with; `certificate` and `nothing` are asked for in no message. */
  readonly asks:
    | "nothing"
    | "certificate"
    | "cleartext-password"
    | "md5-password"
    | "scram-sha-256"
    /** Decided by something that is not evaluated. */
    | "unknown";
  /** Whether the login succeeds for who knows the password or holds the key of the certificate. */
  readonly outcome: "succeeds" | "fails" | "unknown";
  /** One clause that says why. */
  readonly reason: string;
  /** CockroachDB: after a successful login the stored hash is replaced by one of this kind. */
  readonly rewritesHash?: "scram-sha-256" | "bcrypt";
}

export function succeeds(asks: Verdict["asks"], reason: string): Verdict {
  return { asks, outcome: "succeeds", reason };
}

export function fails(asks: Verdict["asks"], reason: string): Verdict {
  return { asks, outcome: "fails", reason };
}

export function unknown(asks: Verdict["asks"], reason: string): Verdict {
  return { asks, outcome: "unknown", reason };
}
