import type { Database } from "../../database/database";
import type { MembershipGrant } from "../../database/membership";
import type { Role } from "../../database/role";
import { warn } from "../wire";
import { difference } from "./difference";
import type { UserState } from "./state";
import { holdsVerifier } from "./stored-verifier";

function withOptions({ role, ...options }: MembershipGrant): string {
  const words = Object.entries(options).map(([name, value]) => `${name.toUpperCase()} ${value}`);
  return words.length === 0 ? role : `${role} with ${words.join(", ")}`;
}

async function passwordWords(
  database: Database,
  role: Role,
  { verifier, passwordless }: UserState,
): Promise<string[]> {
  const isThere = (await holdsVerifier(database, role, verifier)) === true;
  if (isThere) return [];
  return [passwordless ? "has no password any more" : "gets the declared password"];
}

/** Says what it will mean to take a role over, before it is done. */
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
  warn(
    `user "${state.username}" is on ${database.server} already and is taken over${changes.length > 0 ? `: ${changes.join(", ")}` : " as it is"}; another stack or Provider that still manages it would drop it when it is deleted there (before that, run \`pulumi state delete\` there, or \`pulumi up\` with \`onDelete: "retain"\`), and so would a resource of another package, such as a \`postgresql.Role\`, that is deleted in this very \`up\` (run one with \`retainOnDelete: true\` on it before)`,
  );
}
