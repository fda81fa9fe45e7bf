import type { Database } from "../../database/database";
import type { Role } from "../../database/role";
import { changedOptions, type RoleOptions } from "../../database/role-options";
import { cut, MAX_SERVER_WORDS } from "../../scram/printable";
import { classifyStoredHash } from "../../scram/stored-hash";
import { warn, warnOnce } from "../wire";
import { differenceButPassword, wantedOptions } from "./difference";
import { elsewhere, findOwn, isServerOf } from "./find-own";
import { ownership } from "./ownership";
import type { UserState } from "./state";

/**
 * The recorded state with what the server really holds in its place; `undefined` when the role is gone. What cannot be read
 * stays as recorded. The next `check`, which has the password, decides what a hash that differs means.
 */
export async function readUser(database: Database, recorded: UserState): Promise<UserState | undefined> {
  const role = await findOwn(database, recorded);
  if (role === undefined) {
    if (!(await isServerOf(database, recorded)))
      warnOnce(
        `${elsewhere(database, recorded)}; the user counts as deleted, and so may others`,
        `not the server: ${database.server}`,
      );
    return undefined;
  }
  const verifier = await foundVerifier(database, role, recorded);
  const declared = recorded.declaredVerifier ?? recorded.verifier;
  if (recorded.verifier !== undefined && verifier !== recorded.verifier) {
    warn(
      (await ownership(database, role, recorded)) === "another's"
        ? `user "${role.name}" on ${database.server} belongs to another resource by now, which wrote its password`
        : `user "${role.name}": the password hash on ${database.server} is not the recorded one; the next preview shows whether the password itself has changed`,
    );
  }
  const found = differenceButPassword(role, undefined, recorded);
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
    memberOf: found.grant || found.revoke ? role.memberOf : recorded.memberOf,
    settings: found.set ? role.settings : recorded.settings,
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
  if (recorded.driftCheck === "none") return recorded.verifier;
  if (recorded.driftCheck === "catalog") {
    if (role.storedHash.readable) return role.storedHash.hash ?? undefined;
    warnOnce(
      `the administrator may not read password hashes on ${database.server}; to detect changed passwords, logins are started instead and broken off, which reveals salt and iteration count`,
    );
  }
  return (await isUnchanged(database, role, recorded)) ? recorded.verifier : undefined;
}

/** Our salt means our verifier: nobody else knows it before the server tells. What cannot be found out counts as unchanged. */
async function isUnchanged(database: Database, role: Role, recorded: UserState): Promise<boolean> {
  const ours = classifyStoredHash(recorded.verifier ?? null);
  if (ours.kind !== "scram-sha-256") return true;
  const { validUntil } = role.options;
  // PostgreSQL answers for an expired password as for a missing one: with a salt that it makes up.
  if (validUntil != null && !(Date.parse(validUntil) > Date.now())) {
    return unknown(role, "it has expired, and the server no longer reveals its salt");
  }
  const challenge = await database.challenge(role.name);
  switch (challenge.asks) {
    case "scram-sha-256":
      return challenge.iterations === ours.verifier.iterations && challenge.salt.equals(ours.verifier.salt);
    case "refused":
      return unknown(
        role,
        `the server refuses the login before it asks for anything: ${cut(challenge.reason, MAX_SERVER_WORDS)}`,
      );
    default:
      return unknown(role, `the server asks this machine for ${challenge.asks}, not for SCRAM`);
  }
}

function unknown(role: Role, why: string): true {
  warn(`user "${role.name}": cannot tell whether the password is still the recorded one: ${why}`);
  return true;
}
