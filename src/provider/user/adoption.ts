import { isDeepStrictEqual } from "node:util";
import type { Database } from "../../database/database";
import type { MembershipGrant } from "../../database/membership";
import type { Role } from "../../database/role";
import { isMistake } from "../mistake";
import { hasUnknown, type Json, type Props, warnOnce } from "../wire";
import { difference } from "./difference";
import { fromProps, toInputs, type UserState } from "./state";
import { holdsVerifier } from "./stored-verifier";
import { findRecorded } from "./whereabouts";

type Open = (connection: Json | undefined) => Promise<Database>;

/**
 * What only the server can tell of an update before it is applied: that it will take over a role that is not the recorded one.
 * Asked only where `adopt` is declared and something is to be done.
 *
 * @param news the answer of `check`, unwrapped
 */
export async function foreseeAdoption(recorded: UserState, news: Props, open: Open): Promise<void> {
  if (news.adopt !== true || hasUnknown(news.connection)) return;
  const state = fromProps(knownOf(news));
  if (state.username === "" || isDeepStrictEqual(toInputs(recorded), toInputs(state))) return;
  try {
    const database = await open(state.connection);
    const found = await findRecorded(database, recorded, state);
    const role =
      found.is === "gone" ? found.roleWithSameName : found.is === "to be adopted" ? found.role : undefined;
    if (role !== undefined) await tellAdoption(database, role, state);
  } catch (error) {
    tellNotCompared(state.username, error);
  }
}

/** A new password may not be known yet, and is a new one all the same. */
export function knownOf(inputs: Props): Props {
  const known = Object.entries(inputs).filter(([key, value]) => key === "verifier" || !hasUnknown(value));
  return Object.fromEntries(known);
}

/** @throws what is no mistake of the user's */
export function tellNotCompared(username: string, error: unknown): void {
  if (!isMistake(error)) throw error;
  warnOnce(
    `user "${username}", and perhaps others, could not be compared with the server: ${error.message}`,
    `not compared: ${error.message}`,
  );
}

function withOptions({ role, ...options }: MembershipGrant): string {
  const words = Object.entries(options).map(([name, value]) => `${name.toUpperCase()} ${value}`);
  return words.length === 0 ? role : `${role} with ${words.join(", ")}`;
}

async function passwordWords(
  database: Database,
  role: Role,
  { verifier, passwordless }: UserState,
): Promise<string[]> {
  if ((await holdsVerifier(database, role, verifier)) === true) return [];
  return [passwordless ? "has no password any more" : "gets the declared password"];
}

/** Says what it will mean to take a role over, before it is done: in the preview, or else in `up`. */
export async function tellAdoption(database: Database, role: Role, state: UserState): Promise<void> {
  const {
    options = {},
    grant = [],
    revoke = [],
    revokeOptions = [],
    set = {},
  } = difference(role, undefined, state);
  const administrators = await database.administratorsOf(role.name);
  const changes = [
    ...Object.entries(options).map(([name, value]) => `${name} becomes ${value}`),
    ...grant.map((membership) => `becomes a member of ${withOptions(membership)}`),
    ...revokeOptions.map(
      ({ role: group, options: lost }) => `is a member of ${group} without ${lost.join(", ").toUpperCase()}`,
    ),
    ...revoke.map((group) => `is no longer a member of ${group}`),
    // Without the values: a setting of an application may be a secret.
    ...Object.entries(set).map(([name, value]) => `${name} is ${value === null ? "reset" : "set"}`),
    ...(await passwordWords(database, role, state)),
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
