import type { Database } from "../../database/contract/database";
import type { Role } from "../../database/contract/role";
import { changedOptions, type RoleOptions } from "../../database/contract/role-options";
import { classifyStoredHash } from "../../scram/stored-hash";
import { warn, warnOnce } from "../protocol/wire";
import { asksFor } from "./ownership/stored-verifier";
import { describeOtherServer, findRecorded, goneBut } from "./ownership/whereabouts";
import { differenceButPassword, wantedOptions } from "./reconcile/difference";
import { foundMemberships } from "./reconcile/memberships";
import type { UserState } from "./state";

/**
 * The recorded state with what the server really holds in its place; `undefined` when the role is gone. What cannot be read
 * stays as recorded. The next `check`, which has the password, decides what a hash that differs means.
 */
export async function readUser(database: Database, recorded: UserState): Promise<UserState | undefined> {
  const found = await findRecorded(database, recorded);
  if (found.is === "on another server") {
    warnOnce(
      `${describeOtherServer(database, recorded)}; the user counts as deleted, and so may others`,
      `not the server: ${database.server}`,
    );
    return undefined;
  }
  if (found.is === "gone") {
    if (found.roleWithSameName !== undefined) warn(goneBut(database, recorded, found.roleWithSameName));
    return undefined;
  }
  const { role } = found;
  const verifier = await foundVerifier(database, role, recorded);
  const declared = recorded.declaredVerifier ?? recorded.verifier;
  if (recorded.passwordless && verifier !== undefined && verifier !== recorded.verifier) {
    warn(
      `user "${role.name}" has a password on ${database.server}, and is declared to have none; the next \`pulumi up\` takes it away`,
    );
  } else if (recorded.verifier !== undefined && verifier !== recorded.verifier) {
    warn(
      `user "${role.name}": the password hash on ${database.server} is not the recorded one; the next preview shows whether the password itself has changed`,
    );
  }
  const changed = differenceButPassword(role, undefined, recorded);
  const isRenamed = database.roleId(role.name) !== database.roleId(recorded.username);
  if (isRenamed) {
    warn(`user "${recorded.username}" has been renamed to "${role.name}" on ${database.server}`);
  }
  return {
    ...recorded,
    renamedTo: isRenamed ? role.name : undefined,
    verifier,
    declaredVerifier: verifier === recorded.verifier ? recorded.declaredVerifier : declared,
    options: foundOptions(role, recorded),
    memberOf:
      changed.grant || changed.revoke || changed.revokeOptions
        ? foundMemberships(role, recorded)
        : recorded.memberOf,
    settings: changed.set ? role.settings : recorded.settings,
    // An upgrade in place makes another cluster of it.
    identity: role.identity,
  };
}

/** What is as it was declared keeps its spelling; what is not declared and not as the product makes it is named. */
function foundOptions(role: Role, recorded: UserState): RoleOptions {
  const wanted = wantedOptions(recorded, role.identity.product);
  const { validUntil, ...options } = { ...recorded.options, ...changedOptions(wanted, role.options) };
  // In the state, "never" is the absence of an expiry.
  return validUntil == null ? options : { ...options, validUntil };
}

async function foundVerifier(
  database: Database,
  role: Role,
  recorded: UserState,
): Promise<string | undefined> {
  if (recorded.driftCheck === "off") return recorded.verifier;
  if (recorded.driftCheck === "catalog") {
    if (role.storedHash.readable) return role.storedHash.hash ?? undefined;
    // A server answers for a role without a password as for one that does not exist: nothing can be told.
    if (recorded.passwordless) return recorded.verifier;
    warnOnce(
      `the administrator may not read password hashes on ${database.server}; to detect changed passwords, logins are started instead and broken off, which reveals salt and iteration count`,
    );
  }
  return (await isUnchanged(database, role, recorded)) ? recorded.verifier : undefined;
}

/** Our salt means our verifier: nobody else knows it before the server tells. What cannot be found out counts as unchanged. */
async function isUnchanged(database: Database, role: Role, { verifier }: UserState): Promise<boolean> {
  // Another hash, found at an earlier refresh, has no salt to ask for.
  if (classifyStoredHash(verifier ?? null).kind !== "scram-sha-256") return true;
  const asked = await asksFor(database, role, verifier);
  if (typeof asked === "boolean") return asked;
  warn(`user "${role.name}": cannot tell whether the password is still the recorded one: ${asked.unknown}`);
  return true;
}
