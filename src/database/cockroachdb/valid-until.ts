/** Since 1970, as the server gives them; `null` where there is no expiry. */
export type Seconds = number | string | null;

/** In the column `rolvaliduntil` of pg_roles: a number, for no session setting decides how that is spelt. */
export const VALID_UNTIL = "extract(epoch FROM r.rolvaliduntil)";

/** The latest that a Date can hold. */
const MAX_SECONDS = 8.64e12;

/** ISO 8601; `null` for never. The server's "infinity" is a year of six digits, or no number at all. */
export function instantOf(seconds: Seconds): string | null {
  if (seconds === null || Number(seconds) > MAX_SECONDS) return null;
  return Number(seconds) < -MAX_SECONDS ? "-infinity" : new Date(Number(seconds) * 1000).toISOString();
}
