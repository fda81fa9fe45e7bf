import type { HbaLogin, HbaMatchContext } from "../hba";
import type { StoredHash } from "../scram/stored-hash";

/** The authentication configuration as the server has it. */
export interface HbaReading {
  /** `undefined` where the server hides it (`<redacted>`). */
  readonly text: string | undefined;
  /** For `restore`: exact where the text may not be, and `null` where nobody set it (CockroachDB's built-in default). */
  readonly snapshot: string | null;
  /** Whether the server goes by an older text, for its file was changed since it loaded it (PostgreSQL). */
  readonly isEdited?: boolean;
}

/** A role, as far as logging in goes. */
export interface LoginRole {
  readonly name: string;
  /** Whether it may log in at all. */
  readonly login: boolean;
  /** `unknown` where the administrator may not read it, or the server has stored what is no hash. */
  readonly storedHash: StoredHash;
  /** ISO 8601, or `-infinity`; `null` for never. By the server's own clock it may be past. */
  readonly validUntil: string | null;
  readonly expired: boolean;
  /** Directly or not. */
  readonly memberOf: readonly string[];
  /** Whether it may open physical replication connections (PostgreSQL): a superuser always may. */
  readonly replication: boolean;
}

/** What decides who gets in, beside the rules themselves. */
export interface AccessFacts {
  /** All but the server's own: PostgreSQL's `pg_…`, CockroachDB's `admin`. */
  readonly roles: readonly LoginRole[];
  /** Whether the administrator may read stored hashes. */
  readonly hashesReadable: boolean;
  /** PostgreSQL: those that can be connected to, for rules that name databases by regular expressions. */
  readonly databases?: readonly string[];
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
