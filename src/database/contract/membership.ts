/** The options of a membership: the right to grant it on; and since PostgreSQL 16, of the group's rights and of SET ROLE. */
export const MEMBERSHIP_OPTIONS = ["admin", "inherit", "set"] as const;
export type MembershipOption = (typeof MEMBERSHIP_OPTIONS)[number];

/** A membership to grant. An option that is not named is the server's to decide, or stays as it is. */
export type MembershipGrant = { readonly role: string } & {
  readonly [option in MembershipOption]?: boolean;
};

/** A membership as the server has it, by however many grants. */
export interface Membership {
  readonly role: string;
  readonly admin: boolean;
  /** `null` where memberships do not have the option. */
  readonly inherit: boolean | null;
  readonly set: boolean | null;
  /** Nobody granted it but the server, to the role that made that one (PostgreSQL 16, CREATEROLE). */
  readonly ofCreator: boolean;
  /** ADMIN is of that kind. */
  readonly adminOfCreator: boolean;
}
