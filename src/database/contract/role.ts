import { UserError } from "../../errors";
import type { Product } from "../../hba";
import type { Membership, MembershipGrant, MembershipOption } from "./membership";
import type { RoleOptions } from "./role-options";

/** A password hash as the server holds it; reading it takes a superuser on most servers. */
export type StoredHashReading =
  | { readonly readable: true; readonly hash: string | null }
  | { readonly readable: false };

export interface Role {
  readonly name: string;
  /** Without those that this administrator may not read. */
  readonly options: RoleOptions;
  /** Of the roles it is a direct member of, by name. */
  readonly memberships: readonly Membership[];
  /** What ALTER ROLE … SET left for every database. */
  readonly settings: Readonly<Record<string, string>>;
  /** PostgreSQL's; on CockroachDB it is the membership of `admin`. */
  readonly superuser: boolean;
  readonly storedHash: StoredHashReading;
  readonly identity: RoleIdentity;
}

/** Of a name, in UTF-8: PostgreSQL cuts longer ones silently (NAMEDATALEN), CockroachDB refuses them. */
export const MAX_NAME_BYTES = 63;

/** What tells a role from one of the same name on another server. A part that the server does not tell is `null`. */
export interface RoleIdentity {
  readonly product: Product;
  /** PostgreSQL's system identifier, CockroachDB's cluster id. A replica has that of its primary. */
  readonly cluster: string | null;
  /** PostgreSQL's; an upgrade in place keeps it, though not the system identifier. */
  readonly oid: string | null;
}

/** Only what is to change is named: managed servers refuse even an unchanged option that the administrator may not set. */
export interface RoleChanges {
  /** PostgreSQL: the new name. */
  readonly rename?: string;
  readonly options?: RoleOptions;
  /** Roles to become a member of, and options that memberships are to have. */
  readonly grant?: readonly MembershipGrant[];
  /** Roles to be a member of no more. */
  readonly revoke?: readonly string[];
  /** Options that memberships are to have no more. */
  readonly revokeOptions?: readonly {
    readonly role: string;
    readonly options: readonly MembershipOption[];
  }[];
  /** By name; `null` gives one back to the server's own. */
  readonly set?: Readonly<Record<string, string | null>>;
  /** `null` for no password. */
  readonly verifier?: string | null;
}

/** A role that is to be made; of its options those that are not CREATE ROLE's own count. */
export type NewRole = Pick<RoleChanges, "options" | "grant" | "set"> & { readonly verifier: string | null };

/**
 * Before REASSIGN OWNED and DROP OWNED, which with one role for both destroys all it owns.
 *
 * @throws UserError `reassigned-to-itself`
 */
export function refuseReassigningToItself(name: string, newOwner: string): void {
  if (name !== newOwner) return;
  throw new UserError(
    "reassigned-to-itself",
    `role "${name}" cannot be its own new owner: what it owns has to go to another role before it is dropped`,
    {
      hint: "declare another role as `reassignOwnedTo`, and run `pulumi up` before you delete",
    },
  );
}

/** The server took our verifier for something else, or kept the password that was to go; the change was rolled back. */
export function notStored(name: string): UserError {
  return new UserError(
    "verifier-not-stored",
    `the server did not store the verifier of role "${name}" as it was sent`,
    {
      hint: "the change was rolled back; look for an extension, a proxy or a setting that rewrites passwords",
    },
  );
}
