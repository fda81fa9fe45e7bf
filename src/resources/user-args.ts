import type * as pulumi from "@pulumi/pulumi";
import type { RoleArgs } from "./role-options";

/** The password of a user, or what takes its place. What goes together is said by `Credential`. */
interface CredentialArgs {
  /**
   * The password, which becomes a verifier on this machine; it is neither sent nor recorded. Use printable ASCII, the only
   * characters that all drivers handle alike.
   */
  readonly password?: pulumi.Input<string>;
  /**
   * The role has no password (`PASSWORD NULL`), and one that is set by hand is taken away: for users that log in by
   * certificate, Kerberos or IAM.
   * @default true for a role with `login: false` and neither `password` nor `verifier`
   */
  readonly passwordless?: pulumi.Input<boolean | undefined>;
  /**
   * A SCRAM-SHA-256 verifier made elsewhere: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`.
   * @example `npx pulumi-scram hash` makes one without a server
   */
  readonly verifier?: pulumi.Input<string | undefined>;
  /**
   * PBKDF2 iteration count (RFC 5802 `i`), 4,096 to 1,000,000. Drivers refuse more than 100,000. On CockroachDB, use the
   * cluster's own default cost.
   * @default 10610
   */
  readonly iterations?: pulumi.Input<number | undefined>;
  /**
   * The seed of the salts: base64 of at least 16 random bytes. For update plans (`preview --save-plan`), which must know the
   * verifier from the first preview on, and so that an interrupted `up` that has created the role can be repeated. Use it in one
   * stack only. A user that is dropped and created again with the same seed reuses the same salts.
   * @default 32 random bytes, drawn once and kept in the state as a secret
   * @example new random.RandomBytes("salts", { length: 32 }).base64
   */
  readonly saltSeed?: pulumi.Input<string | undefined>;
  /** The minimum number of characters in a password. */
  readonly minLength?: pulumi.Input<number | undefined>;
  /**
   * Whether the role may log in.
   * @default true
   */
  readonly login?: pulumi.Input<boolean | undefined>;
}

/** Arguments that mean nothing here. */
type Without<K extends string> = { readonly [P in K]?: never };

type PasswordArgs = Pick<CredentialArgs, "iterations" | "saltSeed" | "minLength" | "login"> &
  Without<"verifier"> & { readonly passwordless?: pulumi.Input<false> };

type VerifierArgs = Required<Pick<CredentialArgs, "verifier">> &
  Pick<CredentialArgs, "saltSeed" | "login"> &
  Without<"password" | "iterations" | "minLength"> & { readonly passwordless?: pulumi.Input<false> };

/** A certificate, Kerberos or IAM in place of a password; or a role that does not log in. */
type NoPasswordArgs = Without<"password" | "verifier" | "iterations" | "saltSeed" | "minLength"> &
  (
    | (Pick<CredentialArgs, "login"> & { readonly passwordless: pulumi.Input<true> })
    | (Pick<CredentialArgs, "passwordless"> & { readonly login: pulumi.Input<false> })
  );

/** A password, a verifier, or neither for a role that says so. A password that is not there at run time is refused by the provider. */
export type Credential =
  | (PasswordArgs & { readonly password: CredentialArgs["password"] | undefined })
  | VerifierArgs
  | NoPasswordArgs;

/** As `Credential`, where the rest may be among the defaults. */
type CredentialOrDefaults = (PasswordArgs & Pick<CredentialArgs, "password">) | VerifierArgs | NoPasswordArgs;

/** What happens to the role when the resource is deleted. Only a role that is dropped leaves what it owns to another. */
type Deletion =
  | {
      /**
       * What happens to the role when the resource is deleted: `drop` it, `disable` it (NOLOGIN), or `retain` it as it is.
       * @default "drop"; with `adopt`, "retain"
       */
      readonly onDelete?: pulumi.Input<"drop" | "disable" | "retain" | undefined>;
      /**
       * The role that gets what this role owns when it is dropped (REASSIGN OWNED, DROP OWNED): on PostgreSQL in every database,
       * on CockroachDB only in the connection's database.
       * @default a role that owns something is not dropped
       */
      readonly reassignOwnedTo?: never;
      readonly adopt?: pulumi.Input<boolean | undefined>;
    }
  | {
      readonly onDelete?: pulumi.Input<"drop" | undefined>;
      readonly reassignOwnedTo: pulumi.Input<string>;
      readonly adopt?: pulumi.Input<false | undefined>;
    }
  | {
      readonly onDelete: pulumi.Input<"drop">;
      readonly reassignOwnedTo: pulumi.Input<string>;
      readonly adopt: pulumi.Input<boolean>;
    };

interface CommonArgs {
  /** How many earlier passwords, 1 to 24, may not be used again; their verifiers are kept in the state as secrets. */
  readonly passwordHistory?: pulumi.Input<number | undefined>;
  /**
   * Once it is set, changing it requires a new password: if the password is the same, the preview fails.
   * @example "2026-11"
   */
  readonly rotationKey?: pulumi.Input<string | undefined>;
  /**
   * Takes over an existing role, which gets the declared password, options, memberships and settings.
   * @default false: an existing role is an error
   */
  readonly adopt?: pulumi.Input<boolean | undefined>;
  /**
   * How `pulumi refresh` checks whether the password was changed. `catalog` reads the stored hash, or works as `handshake`
   * where the administrator may not read it. `handshake` starts a login, which reveals salt and iteration count. `off` does
   * not check.
   * @default "catalog"
   */
  readonly driftCheck?: pulumi.Input<"catalog" | "handshake" | "off" | undefined>;
}

/** What every user may have, however it proves who it is. */
type AnyUserArgs = CommonArgs & RoleArgs & Deletion;

/** What a user of a ScramUserSet may have: as a ScramUser, less what comes from the set or its defaults. */
export type UserArgs = AnyUserArgs & CredentialOrDefaults;

/** What several users may have in common: all but a password or a verifier. */
export type UserDefaults = AnyUserArgs & Omit<CredentialArgs, "password" | "verifier">;

/** A ScramUser's own arguments, beside its name and the connection. */
export type SingleUserArgs = AnyUserArgs & Credential;
