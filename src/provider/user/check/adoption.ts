import type { Database } from "../../../database/contract/database";
import type { MembershipGrant } from "../../../database/contract/membership";
import type { Role } from "../../../database/contract/role";
import { OPTION_NAMES } from "../../../database/contract/role-options";
import { warnOnce } from "../../protocol/wire";
import { holdsVerifier } from "../ownership/stored-verifier";
import { describeOtherServer, goneBut, type Whereabouts } from "../ownership/whereabouts";
import { difference } from "../reconcile/difference";
import type { UserState } from "../state";

function withOptions({ role, ...options }: MembershipGrant): string {
  const words = Object.entries(options).map(([name, value]) => `${name.toUpperCase()} ${value}`);
  return words.length === 0 ? role : `${role} with ${words.join(", ")}`;
}

async function passwordWords(
  database: Database,
  role: Role,
  { verifier, passwordless }: UserState,
  later: ReadonlySet<string>,
): Promise<string[]> {
  if (isPasswordOpen(later)) return [];
  if (!later.has("verifier") && (await holdsVerifier(database, role, verifier)) === true) return [];
  return [passwordless ? "has no password any more" : "gets the declared password"];
}

/** Whether it is to have a password at all. */
function isPasswordOpen(later: ReadonlySet<string>): boolean {
  return later.has("passwordless") || (later.has("login") && later.has("verifier"));
}

/** In a preview: arguments that decide something about the role, and are not known yet. */
function laterWords(later: ReadonlySet<string>): string[] {
  const names = [...OPTION_NAMES, "memberOf", "settings"].filter((name) => later.has(name));
  const open = [...names, ...(isPasswordOpen(later) ? ["its password"] : [])];
  return open.length === 0 ? [] : [`what becomes of ${open.join(", ")} is known only in the \`up\``];
}

/** Where an update takes over another role than the recorded one: says so, and what it will mean. Gives whether it does. */
export async function tellTakeover(
  database: Database,
  recorded: UserState,
  found: Whereabouts,
  state: UserState,
  later?: ReadonlySet<string>,
): Promise<boolean> {
  if (found.is === "there" || !state.adopt) return false;
  const taken = found.is === "to be adopted" ? found.role : await database.findRole(state.username);
  if (taken === undefined) return false;
  warnOnce(
    found.is === "gone"
      ? goneBut(database, recorded, found.roleWithSameName)
      : `${describeOtherServer(database, recorded)}; the role there stays`,
  );
  await tellAdoption(database, taken, state, later);
  return true;
}

/**
 * Says what it will mean to take a role over, before it is done; once, though a preview and its `up` come to it twice.
 *
 * @param later names of arguments that are not known yet
 */
export async function tellAdoption(
  database: Database,
  role: Role,
  state: UserState,
  later: ReadonlySet<string> = new Set(),
): Promise<void> {
  const {
    options = {},
    grant = [],
    revoke = [],
    revokeOptions = [],
    set = {},
  } = difference(role, undefined, state);
  const administrators = await database.administratorsOf(role.name);
  const changes = [
    ...Object.entries(options).flatMap(([name, value]) =>
      later.has(name) ? [] : [`${name} becomes ${value}`],
    ),
    ...grant.map((membership) => `becomes a member of ${withOptions(membership)}`),
    ...revokeOptions.map(
      ({ role: group, options: lost }) => `is a member of ${group} without ${lost.join(", ").toUpperCase()}`,
    ),
    ...revoke.map((group) => `is no longer a member of ${group}`),
    // Without the values: a setting of an application may be a secret.
    ...Object.entries(set).map(([name, value]) => `${name} is ${value === null ? "reset" : "set"}`),
    ...(await passwordWords(database, role, state, later)),
    ...laterWords(later),
    ...(role.superuser ? ["stays a superuser, which nothing declared here changes"] : []),
    ...(role.name === database.user
      ? ["is the administrator of this very connection, which needs the new password from then on"]
      : []),
    ...(administrators.length > 0 ? [`can be altered by ${administrators.join(", ")} as well`] : []),
  ];
  warnOnce(
    `user "${state.username}" is on ${database.server} already and is taken over${changes.length > 0 ? `: ${changes.join(", ")}` : " as it is"}; another stack or Provider that still manages it would drop it when it is deleted there (before that, run \`pulumi state delete\` there, or \`pulumi up\` with \`onDelete: "retain"\`), and so would a resource of another package, such as a \`postgresql.Role\`, that is deleted in this very \`up\` (run one with \`retainOnDelete: true\` on it before)`,
  );
}
