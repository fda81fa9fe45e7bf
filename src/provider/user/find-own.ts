import type { Database } from "../../database/database";
import type { Role } from "../../database/role";
import { ScramError } from "../../scram/error";
import { isSameServer } from "../connection";
import type { UserState } from "./state";

/**
 * The role that is recorded, by whatever name it has now: somebody may have renamed it, or an `up` that never got to record it,
 * and its name may be another's since. Not one of that name on another server that the connection has come to lead to: that was
 * never ours to change or drop.
 *
 * @throws ScramError `another-server`
 */
export async function findOwn(database: Database, recorded: UserState): Promise<Role | undefined> {
  const { username, identity } = recorded;
  const namesake = await database.findRole(username);
  if (identity !== undefined && namesake?.identity.oid !== identity.oid) {
    const name = await database.nameOf(identity);
    if (name !== undefined) return database.findRole(name);
  }
  if (namesake === undefined || isSame(recorded, namesake)) return namesake;
  throw new ScramError("another-server", `${elsewhere(database, recorded)}, and has a role of that name`, {
    hint: "correct the connection; or, if the old server is gone for good, run `pulumi state delete` for this resource",
  });
}

/** An upgrade changes the cluster but neither oid nor hash, a restored dump neither name nor hash. */
function isSame({ identity: recorded, verifier }: UserState, { identity: found, storedHash }: Role): boolean {
  if (isSameServer(recorded?.cluster, found.cluster)) return true;
  if (found.oid !== null && recorded?.oid === found.oid) return true;
  return storedHash.readable && storedHash.hash !== null && storedHash.hash === verifier;
}

/** Whether a role that is not there is gone; else it may well be where it was. */
export async function isServerOf(database: Database, { identity }: UserState): Promise<boolean> {
  return isSameServer(identity?.cluster, await database.cluster());
}

/** The beginning of a sentence. */
export function elsewhere(database: Database, { username }: UserState): string {
  return `${database.server} is not the server that user "${username}" was created on`;
}
