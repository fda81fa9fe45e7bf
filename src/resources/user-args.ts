import type * as pulumi from "@pulumi/pulumi";
import type { RoleArgs } from "./role-options";

/** The arguments that a ScramUser and an entry of a ScramUserSet have in common. */
export interface UserArgs extends RoleArgs {
  /**
   * The password, which becomes a verifier on this machine; it is neither sent nor recorded. Give either this or `verifier`;
   * with `login: false` or `passwordless: true`, neither. Use printable ASCII, the only characters that all drivers handle alike.
   */
  readonly password?: pulumi.Input<string>;
  /**
   * The role has no password (`PASSWORD NULL`), and one that is set by hand is taken away: for users that log in by
   * certificate, Kerberos or IAM.
   * @default true for a role with `login: false` and neither `password` nor `verifier`
   */
  readonly passwordless?: pulumi.Input<boolean>;
  /** A SCRAM-SHA-256 verifier made elsewhere: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`. */
  readonly verifier?: pulumi.Input<string>;
  /**
   * PBKDF2 iteration count (RFC 5802 `i`), 4,096 to 1,000,000. Drivers refuse more than 100,000. On CockroachDB, use the
   * cluster's own default cost.
   * @default 10610
   */
  readonly iterations?: pulumi.Input<number>;
  /**
   * The seed of the salts: base64 of at least 16 random bytes, for instance the `base64` of a `random.RandomBytes`.
   * For update plans (`preview --save-plan`), which must know the verifier from the first preview on, and so that an
   * interrupted `up` that has created the role can be repeated. Use it in one stack only. A user that is dropped and created
   * again with the same seed reuses the same salts.
   * @default 32 random bytes, drawn once and kept in the state as a secret
   */
  readonly saltSeed?: pulumi.Input<string>;
  /** The minimum number of characters in a password. */
  readonly minLength?: pulumi.Input<number>;
  /** How many earlier passwords, 1 to 24, may not be used again; their verifiers are kept in the state as secrets. */
  readonly passwordHistory?: pulumi.Input<number>;
  /**
   * Any text, for instance a month. Once it is set, changing it requires a new password: if the password is the same, the
   * preview fails.
   */
  readonly rotationKey?: pulumi.Input<string>;
  /**
   * Takes over an existing role, which gets the declared password, options, memberships and settings.
   * @default false: an existing role is an error
   */
  readonly adopt?: pulumi.Input<boolean>;
  /**
   * What happens to the role when the resource is deleted: `drop` it, `disable` it (NOLOGIN), or `retain` it as it is.
   * @default "drop"; with `adopt`, "retain"
   */
  readonly onDelete?: pulumi.Input<"drop" | "disable" | "retain">;
  /**
   * The role that gets what this role owns when it is dropped (REASSIGN OWNED, DROP OWNED): on PostgreSQL in every database, on
   * CockroachDB only in the connection's database.
   * @default a role that owns something is not dropped
   */
  readonly reassignOwnedTo?: pulumi.Input<string>;
  /**
   * How `pulumi refresh` checks whether the password was changed. `catalog` reads the stored hash, or works as `handshake`
   * where the administrator may not read it. `handshake` starts a login, which reveals salt and iteration count. `off` does
   * not check.
   * @default "catalog"
   */
  readonly driftCheck?: pulumi.Input<"catalog" | "handshake" | "off">;
}
