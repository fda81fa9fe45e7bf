import type { HbaLogin, HbaMatchContext } from "../../hba";
import type { StoredHash } from "../../scram/stored-hash";

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
  /** Whether it may log in at all: on CockroachDB neither NOLOGIN nor NOSQLLOGIN keeps it out. */
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
  /** CockroachDB: its SUBJECT, as far as the administrator may see it. */
  readonly certificateSubject?: string;
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

/** What an interrupted write had left. */
export interface Leftover {
  /** Whether the rules from before it are back; else somebody else's had taken their place, and were left alone. */
  readonly isPutBack: boolean;
  /** The file on the server with the text from before. */
  readonly kept: string;
}

export function describeLeftover({ isPutBack, kept }: Leftover, server: string): string {
  return isPutBack
    ? `a write of the HBA rules of ${server} had been interrupted: the rules from before it are back in force`
    : `a write of the HBA rules of ${server} had been interrupted, and somebody else has written others since, which are left alone; the text from before it is in the server's file ${kept}`;
}

export interface HbaWrite {
  /** The snapshot that was read and judged: where somebody else has written meanwhile, nothing is written. */
  readonly over: string | null;
  /** Skips the proof that a new connection of our own gets in. */
  readonly mayLoseOwnLogin: boolean;
  /** Whether the text holds a password, which no message may repeat. */
  readonly isSecret: boolean;
}

/** The server's authentication configuration. Every method throws a UserError. */
export interface HbaAccess {
  /** As it is at this moment, which may be in the middle of a write. */
  read(): Promise<HbaReading>;
  /** As `read`, between two writes; puts right what an interrupted one has left. */
  settle(): Promise<HbaReading & { readonly leftover?: Leftover }>;
  /**
   * Makes the server go by this text, at once. What was there before is put back when the server refuses a line, when a
   * new connection of our own does not get in any more, or (PostgreSQL) when this process ends before that is known; unless
   * somebody else has written meanwhile.
   *
   * @returns whether a crash of the server in that moment would have left a part of the text
   * @throws UserError `hba-changed` where `over` is not what is there
   */
  write(text: string, options: HbaWrite): Promise<{ readonly inPlace: boolean }>;
  /** Puts back what `read` found once, whatever we think of it. @throws UserError `hba-changed` */
  restore(snapshot: string | null, over: string | null): Promise<{ readonly inPlace: boolean }>;
  facts(): Promise<AccessFacts>;
}
