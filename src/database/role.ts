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
}

/** Only what is to change is named: managed servers refuse even an unchanged option that the administrator may not set. */
export type RoleChanges = Partial<RoleOptions> & { readonly verifier?: string };

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
