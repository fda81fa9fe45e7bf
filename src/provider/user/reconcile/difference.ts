import type { NewRole, Role, RoleChanges } from "../../../database/contract/role";
import {
  changedOptions,
  entriesOf,
  hasOption,
  initialOptions,
  type OptionName,
  type RoleOptions,
} from "../../../database/contract/role-options";
import { isSameSetting } from "../../../database/contract/role-settings";
import { UserError } from "../../../errors";
import type { Product } from "../../../hba";
import type { UserState } from "../state";
import { membershipChanges, newMemberships } from "./memberships";

/** What the role's options are to be: as declared, and what is not declared as the product makes it. */
export function wantedOptions(state: UserState, product: Product): RoleOptions {
  return { ...initialOptions(product), ...state.options };
}

/** @throws UserError `option-missing` where the product does not have an option that is declared */
export function newRole(state: UserState, product: Product): NewRole {
  refuseForeignOptions(state, product);
  return {
    options: wantedOptions(state, product),
    grant: newMemberships(state, product),
    set: state.settings ?? {},
    verifier: verifierOf(state),
  };
}

/**
 * What it takes to make a role as declared; only what differs from what the server has.
 *
 * @param recorded how we left it; `undefined` for a role that is taken over
 * @throws UserError `option-missing`, `verifier-missing`
 */
export function difference(role: Role, recorded: UserState | undefined, state: UserState): RoleChanges {
  refuseForeignOptions(state, role.identity.product);
  const stored = role.storedHash.readable ? role.storedHash.hash : recorded?.verifier;
  const isRenamed = role.identity.product === "postgresql" && role.name !== state.username;
  return {
    ...(isRenamed && { rename: state.username }),
    ...differenceButPassword(role, recorded, state),
    ...((stored ?? undefined) !== state.verifier && { verifier: verifierOf(state) }),
  };
}

export function differenceButPassword(
  role: Role,
  recorded: UserState | undefined,
  state: UserState,
): Pick<RoleChanges, "options" | "grant" | "revoke" | "revokeOptions" | "set"> {
  const { product } = role.identity;
  const before = { ...(recorded && wantedOptions(recorded, product)), ...role.options };
  const wanted = entriesOf(wantedOptions(state, product)).filter(
    // Of an option that cannot be read, nothing is said unless it is declared.
    ([name]) => before[name] !== undefined || state.options[name] !== undefined,
  );
  const options = changedOptions(before, Object.fromEntries(wanted));
  const set = settings(role, recorded, state);
  return {
    ...(Object.keys(options).length > 0 && { options }),
    ...membershipChanges(role, recorded, state),
    ...(Object.keys(set).length > 0 && { set }),
  };
}

/** As with memberships. */
function settings(
  { settings: found, identity }: Role,
  recorded: UserState | undefined,
  state: UserState,
): Record<string, string | null> {
  const wanted = Object.entries(state.settings ?? {}).filter(([name, value]) => {
    const now = settingIn(found, name);
    return now === undefined || !isSameSetting(identity.product, name, now, value);
  });
  const given = state.settings === undefined ? (recorded?.settings ?? {}) : found;
  const gone = Object.keys(given).filter(
    (name) => settingIn(found, name) !== undefined && settingIn(state.settings ?? {}, name) === undefined,
  );
  return { ...Object.fromEntries(wanted), ...Object.fromEntries(gone.map((name) => [name, null])) };
}

/** Settings have no upper and lower case; the server keeps its own spelling. */
function settingIn(settings: Readonly<Record<string, string>>, wanted: string): string | undefined {
  return Object.entries(settings).find(([name]) => name.toLowerCase() === wanted.toLowerCase())?.[1];
}

export function verifierOf(state: UserState): string | null {
  if (state.passwordless) return null;
  if (state.verifier === undefined) {
    throw new UserError(
      "verifier-missing",
      `the recorded inputs of user "${state.username}" hold no verifier`,
      {
        hint: "run `pulumi up` with a password or a verifier declared",
      },
    );
  }
  return state.verifier;
}

function refuseForeignOptions(state: UserState, product: Product): void {
  const foreign = foreignOption(state.options, product);
  if (foreign === undefined) return;
  throw new UserError("option-missing", `user "${state.username}": ${withoutOption(foreign, product)}`);
}

/** An option that is declared and that the product does not have. */
export function foreignOption(options: RoleOptions, product: Product): OptionName | undefined {
  return entriesOf(options).find(([name]) => !hasOption(product, name))?.[0];
}

export function withoutOption(name: OptionName, product: Product): string {
  const [has, lacks] =
    product === "postgresql" ? ["CockroachDB", "PostgreSQL"] : ["PostgreSQL", "CockroachDB"];
  return `${name} is an option of ${has}, and the server is ${lacks}, whose roles do not have it`;
}
