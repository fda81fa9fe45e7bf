import type { Database } from "../../../database/contract/database";
import type { Role, RoleIdentity } from "../../../database/contract/role";
import { UserError } from "../../../errors";
import { isSameServer } from "../../connection/connection";
import type { UserState } from "../state";
import { holdsVerifier } from "./stored-verifier";

/** What has become of the role that is recorded. */
export type Whereabouts =
  | { readonly is: "there"; readonly role: Role }
  /** The connection leads to a server that it was not created on, and whose role of its name is to be taken over. */
  | { readonly is: "to be adopted"; readonly role: Role }
  /** Its name may be another role's by now. */
  | { readonly is: "gone"; readonly roleWithSameName: Role | undefined }
  /** The connection leads to a server that it was not created on, and that has no role of its name. */
  | { readonly is: "on another server" };

/**
 * Looks for the role that is recorded: the one with its oid, whatever its name is by now and whoever has set its password; on
 * CockroachDB, which does not tell roles apart, the one with its name.
 *
 * @param state what is declared by now; absent where nothing is
 * @throws UserError `another-server` where the role of that name on another server is not a copy of it: that one was never ours
 *   to change or drop, unless it is adopted
 */
export async function findRecorded(
  database: Database,
  recorded: UserState,
  state?: UserState,
): Promise<Whereabouts> {
  const { username, identity } = recorded;
  const roleWithSameName = await database.findRole(username);
  if (isSameServer(identity?.cluster, await database.cluster())) {
    if (roleWithSameName !== undefined && hasOid(roleWithSameName, identity))
      return { is: "there", role: roleWithSameName };
    const role = await findByOid(database, identity);
    return role === undefined ? { is: "gone", roleWithSameName } : { is: "there", role };
  }
  if (roleWithSameName === undefined) return { is: "on another server" };
  if (await isCopy(database, roleWithSameName, recorded)) return { is: "there", role: roleWithSameName };
  // One that has been declared all along was meant for another role.
  if (state?.adopt && !recorded.adopt) {
    // What is adopted has the declared name, and not that of before.
    const isMeant = database.roleId(state.username) === database.roleId(username);
    return isMeant ? { is: "to be adopted", role: roleWithSameName } : { is: "on another server" };
  }
  throw await notOurs(database, roleWithSameName, recorded);
}

/** The salt is told to anyone, so it is no proof, but it tells a person where to look. */
async function notOurs(database: Database, role: Role, recorded: UserState): Promise<UserError> {
  const looksLikeOurs =
    recorded.verifier !== undefined && (await holdsVerifier(database, role, recorded.verifier)) === true;
  const [found, therefore] = looksLikeOurs
    ? [
        "and its role of that name asks for the recorded salt",
        "if it was restored from a dump of the old server,",
      ]
    : ["and has a role of that name", "correct the connection; or, if the old server is gone for good,"];
  const rest = recorded.adopt
    ? "run `pulumi state delete` for this resource (a set goes with all its users, each of which then needs `adopt: true`): with `adopt: true`, as it is declared, the next `pulumi up` takes that role over"
    : "declare `adopt: true`, which takes that role over with the next `pulumi up`; to let go of it, run `pulumi state delete` for this resource";
  return new UserError("another-server", `${describeOtherServer(database, recorded)}, ${found}`, {
    hint: `${therefore} ${rest}`,
  });
}

/** Where either side does not tell, the name has to do. */
function hasOid({ identity: { oid } }: Role, recorded: RoleIdentity | undefined): boolean {
  return oid === null || recorded?.oid == null || oid === recorded.oid;
}

/** Somebody may rename a role between two looks at it: as long as its oid has a name, it is not gone. */
const LOOKS = 10;

async function findByOid(database: Database, identity: RoleIdentity | undefined): Promise<Role | undefined> {
  if (identity === undefined) return undefined;
  for (let look = 0; look < LOOKS; look++) {
    const name = await database.nameOf(identity);
    if (name === undefined) return undefined;
    const role = await database.findRole(name);
    if (role?.identity.oid === identity.oid) return role;
  }
  throw new UserError(
    "role-renamed",
    `somebody keeps renaming the role with the oid ${identity.oid} on ${database.server}, which is one of ours`,
    { hint: "find out who may (ADMIN OPTION on it), then try again" },
  );
}

/**
 * After an upgrade in place, or a dump that was restored: another cluster with the same verifier. Small servers count their
 * oids alike, and a salt is told to anyone: either by itself says nothing.
 */
async function isCopy(database: Database, role: Role, recorded: UserState): Promise<boolean> {
  const { oid } = role.identity;
  const isTold = role.storedHash.readable || (oid !== null && oid === recorded.identity?.oid);
  return (
    isTold &&
    recorded.verifier !== undefined &&
    (await holdsVerifier(database, role, recorded.verifier)) === true
  );
}

/** The beginning of a sentence. */
export function describeOtherServer(database: Database, { username }: UserState): string {
  return `${database.server} is not the server that user "${username}" was created on`;
}

/** The beginning of a sentence. */
export function goneBut(
  { server }: Database,
  { username }: UserState,
  roleWithSameName: Role | undefined,
): string {
  return roleWithSameName === undefined
    ? `user "${username}" was no longer on ${server}`
    : `user "${username}" on ${server} is gone; the role of that name there now is another one (its oid is ${roleWithSameName.identity.oid})`;
}
