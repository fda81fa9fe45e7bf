import type { HbaLogin, HbaMatchContext } from "../hba";
import type { StoredHash } from "../scram/stored-hash";

/** The authentication configuration as the server has it. */
export interface HbaReading {
  /** `undefined` where the server hides it (`<redacted>`). */
  readonly text: string | undefined;
  /** Whether somebody set it; CockroachDB tells that from its built-in default, PostgreSQL always has a file. */
  readonly isSet: boolean;
}

/** A role that logs in, as far as HBA rules care. */
export interface LoginRole {
  readonly name: string;
  /** `unknown` where the administrator may not read it. */
  readonly storedHash: StoredHash;
  readonly expired: boolean;
  readonly memberOf: readonly string[];
}

/** What decides who gets in, beside the rules themselves. */
export interface AccessFacts {
  readonly roles: readonly LoginRole[];
  /** How this session itself came in. */
  readonly own: Pick<HbaLogin, "user" | "database" | "address" | "tls" | "clientCertificate">;
  readonly context: HbaMatchContext;
}

/** The server's authentication configuration. Every method throws a ScramError and changes nothing when it throws. */
export interface HbaAccess {
  read(): Promise<HbaReading>;
  /**
   * Makes the server go by this text, at once. What was there before is put back when the server refuses a line or when a
   * new connection of our own does not get in any more.
   *
   * @param text `undefined` for the built-in default (CockroachDB)
   */
  write(text: string | undefined): Promise<void>;
  facts(): Promise<AccessFacts>;
}
