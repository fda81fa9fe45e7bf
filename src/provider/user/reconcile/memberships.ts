import {
  MEMBERSHIP_OPTIONS,
  type MembershipGrant,
  type MembershipOption,
} from "../../../database/contract/membership";
import type { Role, RoleChanges } from "../../../database/contract/role";
import { UserError } from "../../../errors";
import { foldName, type Product } from "../../../hba";
import type { UserState } from "../state";

/** A membership inherits where the role does, unless it says otherwise itself. */
function usual({ options }: UserState): Readonly<Record<MembershipOption, boolean>> {
  return { admin: false, inherit: options.inherit ?? true, set: true };
}

const fold = (name: string, product: Product) => (product === "cockroachdb" ? foldName(name) : name);

/**
 * Declared, exactly these; no more declared, those that were are given up.
 *
 * @throws UserError `option-missing`
 */
export function membershipChanges(
  role: Role,
  recorded: UserState | undefined,
  state: UserState,
): Pick<RoleChanges, "grant" | "revoke" | "revokeOptions"> {
  const { product } = role.identity;
  const found = new Map(role.memberships.map((membership) => [membership.role, membership]));
  const wanted = new Map(state.memberOf?.map((entry) => [fold(entry.role, product), entry]));
  const grant: MembershipGrant[] = [];
  const revokeOptions: { role: string; options: MembershipOption[] }[] = [];
  for (const [name, entry] of wanted) {
    const has = found.get(name);
    if (has === undefined) {
      grant.push({ ...entry, role: name });
      continue;
    }
    const target = { ...usual(state), ...entry };
    refuseMissing(state, entry, (option) => has[option] === null);
    const differing = MEMBERSHIP_OPTIONS.filter(
      (option) =>
        has[option] !== null &&
        has[option] !== target[option] &&
        !(option === "admin" && has.admin && has.adminOfCreator),
    );
    const raised = differing.filter((option) => target[option]);
    const lowered = differing.filter((option) => !target[option]);
    if (raised.length > 0)
      grant.push({ role: name, ...Object.fromEntries(raised.map((option) => [option, true])) });
    if (lowered.length > 0) revokeOptions.push({ role: name, options: lowered });
  }
  const given =
    state.memberOf === undefined
      ? (recorded?.memberOf ?? []).map((entry) => fold(entry.role, product))
      : role.memberships.filter(({ ofCreator }) => !ofCreator).map(({ role: name }) => name);
  const revoke = given.filter((name) => found.has(name) && !wanted.has(name));
  return {
    ...(grant.length > 0 && { grant }),
    ...(revoke.length > 0 && { revoke }),
    ...(revokeOptions.length > 0 && { revokeOptions }),
  };
}

/** Of a role that is to be made. @throws UserError `option-missing` */
export function newMemberships(state: UserState, product: Product): readonly MembershipGrant[] {
  const entries = state.memberOf ?? [];
  if (product === "cockroachdb")
    for (const entry of entries) refuseMissing(state, entry, (option) => option !== "admin");
  return entries;
}

function refuseMissing(
  { username }: UserState,
  entry: MembershipGrant,
  isMissing: (option: MembershipOption) => boolean,
): void {
  const missing = MEMBERSHIP_OPTIONS.find((option) => entry[option] !== undefined && isMissing(option));
  if (missing === undefined) return;
  throw new UserError(
    "option-missing",
    `user "${username}": memberOf gives the membership of "${entry.role}" the option ${missing}`,
    { hint: "only PostgreSQL 16 and later have it; leave it out" },
  );
}

/** What a refresh found in place of what is declared; what is as declared keeps its spelling. */
export function foundMemberships(role: Role, recorded: UserState): readonly MembershipGrant[] {
  const { product } = role.identity;
  const declared = new Map(recorded.memberOf?.map((entry) => [fold(entry.role, product), entry]));
  const common = usual(recorded);
  return role.memberships
    .filter(({ role: name, ofCreator }) => !ofCreator || declared.has(name))
    .map(({ role: name, admin, inherit, set, adminOfCreator }) => {
      const entry = declared.get(name);
      const target = { ...common, ...entry };
      const has = {
        admin: adminOfCreator ? target.admin : admin,
        inherit: inherit ?? target.inherit,
        set: set ?? target.set,
      };
      if (MEMBERSHIP_OPTIONS.every((option) => has[option] === target[option]))
        return entry ?? { role: name };
      return {
        role: name,
        ...Object.fromEntries(
          MEMBERSHIP_OPTIONS.filter((option) => has[option] !== common[option]).map((option) => [
            option,
            has[option],
          ]),
        ),
      };
    });
}
