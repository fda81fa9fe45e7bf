import type { Product } from "../hba";
import { ScramError } from "../scram/error";

/** What we manage of a role besides its password. */
export interface RoleOptions {
  readonly login: boolean;
  /** ISO 8601 instant from which password logins are refused; `null` for never. */
  readonly validUntil: string | null;
}

/** A password hash as the server holds it; reading it takes a superuser on most servers. */
export type StoredHashReading =
  | { readonly readable: true; readonly hash: string | null }
  | { readonly readable: false };

export interface Role extends RoleOptions {
  readonly storedHash: StoredHashReading;
  readonly identity: RoleIdentity;
}

/** What tells a role from one of the same name on another server. A part that the server does not tell is `null`. */
export interface RoleIdentity {
  readonly product: Product;
  /** PostgreSQL's system identifier, CockroachDB's cluster id. A replica has that of its primary. */
  readonly cluster: string | null;
  /** PostgreSQL's; an upgrade in place keeps it, though not the system identifier. */
  readonly oid: string | null;
}

/** Only what is to change is named: managed servers refuse even an unchanged option that the administrator may not set. */
export type RoleChanges = Partial<RoleOptions> & { readonly verifier?: string };

/** What CREATE ROLE makes when no option is named. */
export const NEW_ROLE: RoleOptions = { login: false, validUntil: null };

/** The options of `after` that differ from `before`. */
export function changedOptions(before: RoleOptions, after: RoleOptions): Partial<RoleOptions> {
  return {
    ...(before.login !== after.login && { login: after.login }),
    ...(!sameInstant(before.validUntil, after.validUntil) && { validUntil: after.validUntil }),
  };
}

/** One instant has many spellings (zones, fractions); none of them is a change. */
export function sameInstant(a: string | null, b: string | null): boolean {
  return a === null || b === null ? a === b : Date.parse(a) === Date.parse(b);
}

/** The server took our verifier for something else; the change was rolled back. */
export function notStored(name: string): ScramError {
  return new ScramError(
    "verifier-not-stored",
    `the server did not store the verifier of role "${name}" as it was sent`,
    {
      hint: "the change was rolled back; look for an extension, a proxy or a setting that rewrites passwords",
    },
  );
}
