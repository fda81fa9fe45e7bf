import type { Verifier } from "../verifier";

/** What a server has to know to let users in. */
export interface ServerOptions {
  /** The verifier of a user, or nothing for one who is unknown or has none. */
  readonly lookup: (user: string) => Verifier | undefined | Promise<Verifier | undefined>;
  /** A secret of the server, at least 16 random bytes and always the same: it makes the salts of unknown users. */
  readonly mockKey: Uint8Array;
  /** What unknown users are asked with: the count that most users have, or it gives them away. @default 10610 */
  readonly mockIterations?: number;
  /**
   * How long their salts are, 1 to 32: as the salts of most users, or it gives them away. The verifiers of PostgreSQL and
   * CockroachDB have 16, those of `ScramUser` 24.
   * @default 16
   */
  readonly mockSaltBytes?: number;
  /** The user named before the exchange (PostgreSQL: startup packet); a name in the exchange is then ignored. */
  readonly user?: string;
  /** The data of `tls-server-end-point`, see {@link tlsServerEndPoint}; with it, SCRAM-SHA-256-PLUS is offered. */
  readonly channelBinding?: Uint8Array;
  /** The server's part, for tests; printable ASCII without comma. @default a new one of 24 random bytes */
  readonly nonce?: string;
}

/** How an exchange ended. */
export type Outcome =
  | {
      readonly authenticated: true;
      readonly user: string;
      /** `v=…`, to be sent (PostgreSQL: AuthenticationSASLFinal). */
      readonly serverFinalMessage: string;
    }
  | {
      readonly authenticated: false;
      readonly user: string;
      /** `e=invalid-proof`. Not sent by PostgreSQL and CockroachDB, which answer with `refusal`. */
      readonly serverFinalMessage: string;
      /** What the user is told, in PostgreSQL's words: `password authentication failed for user "x"`. */
      readonly refusal: string;
    };
