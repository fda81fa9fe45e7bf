import type { MembershipGrant } from "../../database/contract/membership";
import { compact, hasUnknown, isRecord, type Json } from "../protocol/wire";

/** Memberships as they are declared and recorded: a name, or an object where an option is not the usual one. */
export function membershipsIn(memberOf: Json | undefined): readonly MembershipGrant[] | undefined {
  if (!Array.isArray(memberOf)) return undefined;
  return memberOf.map((entry) => (isRecord(entry) ? entry : { role: entry }) as MembershipGrant);
}

/** The shortest spelling, sorted, each once; as given as long as some are not known. */
export function membershipsTo(memberships: readonly MembershipGrant[]): Json[] {
  const isKnown = !memberships.some(({ role }) => hasUnknown(role));
  const once = [...new Map(memberships.map((entry) => [entry.role, entry])).values()];
  const listed = isKnown
    ? once.sort((a, b) => (a.role < b.role ? -1 : Number(a.role > b.role)))
    : memberships;
  return listed.map(({ role, admin, inherit, set }) => {
    const options = compact({ admin: admin || undefined, inherit, set: set === false ? false : undefined });
    return Object.keys(options).length === 0 ? role : { role, ...options };
  });
}
