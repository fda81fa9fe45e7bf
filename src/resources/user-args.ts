import type * as pulumi from "@pulumi/pulumi";
import type { RoleArgs } from "./role-options";

/** What a ScramUser and an entry of a ScramUserSet have in common. */
export interface UserArgs extends RoleArgs {
  /**
   * The password, which becomes a verifier on this machine; it is neither sent nor recorded. Give this or `verifier`.
   * Printable ASCII is what every driver agrees on.
   */
  readonly password?: pulumi.Input<string>;
  /** A SCRAM-SHA-256 verifier made elsewhere: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`. */
  readonly verifier?: pulumi.Input<string>;
  /**
   * PBKDF2 iteration count (RFC 5802 `i`), 4,096 to 1,000,000. Drivers refuse more than 100,000, and CockroachDB wants
   * its own default cost.
   * @default 10610
   */
  readonly iterations?: pulumi.Input<number>;
  /**
   * Where the salts come from: base64 of at least 16 random bytes, for instance the `base64` of a `random.RandomBytes`.
   * Only for update plans (`preview --save-plan`), which must know the verifier from the first preview on. A user that is
   * dropped and created anew with the same seed starts over with the same salts.
   * @default 32 random bytes, drawn once and kept in the state as a secret
   */
  readonly saltSeed?: pulumi.Input<string>;
  /** The fewest characters a password may have. */
  readonly minLength?: pulumi.Input<number>;
  /** How many earlier passwords, 1 to 24, may not be used again; their verifiers are kept in the state as secrets. */
  readonly passwordHistory?: pulumi.Input<number>;
  /**
   * Any text, for instance a month. Once it is set, changing it asks for another password: with the same one the preview
   * fails.
   */
  readonly rotationKey?: pulumi.Input<string>;
  /**
   * Takes over a role that exists already: it gets the declared password, options, memberships and settings.
   * @default false: a role that exists is an error
   */
  readonly adopt?: pulumi.Input<boolean>;
  /**
   * What becomes of the role when this is deleted: `drop` it, `disable` it (NOLOGIN), or `retain` it as it is.
   * @default "drop"; with `adopt`, "retain"
   */
  readonly onDelete?: pulumi.Input<"drop" | "disable" | "retain">;
  /**
   * Who gets what the role owns when it is dropped (REASSIGN OWNED, DROP OWNED): on PostgreSQL in every database, on CockroachDB
   * in that of the connection.
   * @default a role that owns something is not dropped
   */
  readonly reassignOwnedTo?: pulumi.Input<string>;
  /**
   * How `pulumi refresh` looks whether the password is still this one. `catalog`: by the stored hash, or where the
   * administrator may not read it as `handshake`: by beginning a login, which tells salt and iteration count. `none`: not at all.
   * @default "catalog"
   */
  readonly driftCheck?: pulumi.Input<"catalog" | "handshake" | "none">;
}
