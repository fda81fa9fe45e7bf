import type { HbaLogin, HbaMatchContext } from "../hba";
import type { StoredHash } from "../scram/stored-hash";

/** The authentication configuration as the server has it. */
export interface HbaReading {
  /** `undefined` where the server hides it (`<redacted>`). */
  readonly text: string | undefined;
  /** For `restore`: exact where the text may not be, and `null` where nobody set it (CockroachDB's built-in default). */
  readonly snapshot: string | null;
}

/** A role that logs in, as far as HBA rules care. */
export interface LoginRole {
  readonly name: string;
  /** `unknown` where the administrator may not read it. */
  readonly storedHash: StoredHash;
  readonly expired: boolean;
  readonly memberOf: readonly string[];
  /** Whether it may open physical replication connections (PostgreSQL). */
  readonly replication: boolean;
}

/** What decides who gets in, beside the rules themselves. */
export interface AccessFacts {
  readonly roles: readonly LoginRole[];
  /** How this session itself came in. */
  readonly own: Pick<HbaLogin, "user" | "database" | "address" | "tls" | "clientCertificate">;
  readonly context: HbaMatchContext;
}

/** The server's authentication configuration. Every method throws a ScramError. */
export interface HbaAccess {
  read(): Promise<HbaReading>;
  /**
   * Makes the server go by this text, at once. What was there before is put back when the server refuses a line or when a
   * new connection of our own does not get in any more.
   *
   * @param mayLoseOwnLogin skips that last proof
   */
  write(text: string, mayLoseOwnLogin: boolean): Promise<void>;
  /** Puts back what `read` found, whatever we think of it. */
  restore(snapshot: string | null): Promise<void>;
  facts(): Promise<AccessFacts>;
}
