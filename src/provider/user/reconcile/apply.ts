import type { Database } from "../../../database/contract/database";
import { UserError } from "../../../errors";
import { warn } from "../../protocol/wire";
import { tellTakeover } from "../check/adoption";
import type { Deployment } from "../ownership/deployment";
import { describeOtherServer, findRecorded, goneBut } from "../ownership/whereabouts";
import type { UserState } from "../state";
import { createUser } from "./create";
import { reconcileRole, retryAfterLostCommit } from "./reconcile";

/** Makes the role as declared, and gives the state to record. */
export async function updateUser(
  database: Database,
  seen: Deployment,
  recorded: UserState,
  state: UserState,
): Promise<UserState> {
  const found = await findRecorded(database, recorded, state);
  const isTakeover = await tellTakeover(database, recorded, found, state);
  if (found.is === "to be adopted")
    return seen.hold(await reconcileRole(database, found.role, undefined, state), recorded);
  if (found.is === "there")
    return seen.hold(await reconcileRole(database, found.role, recorded, state), recorded);
  if (!isTakeover)
    warn(
      found.is === "on another server"
        ? `${describeOtherServer(database, recorded)}; it is created here too, and the role there stays`
        : `${goneBut(database, recorded, found.roleWithSameName)}; it is created again`,
    );
  return createUser(database, seen, state);
}

/** Deletes as declared. A role that is gone is nothing to delete; one that has moved to another resource stays with it. */
export async function deleteUser(database: Database, seen: Deployment, recorded: UserState): Promise<void> {
  const heldBy = seen.leave(recorded);
  if (recorded.onDelete === "retain") return;
  const found = await findRecorded(database, recorded);
  if (found.is === "on another server") {
    throw new UserError("another-server", describeOtherServer(database, recorded), {
      hint: "correct the connection; or, if that server is gone for good, run `pulumi refresh`, which takes the user out of the state",
    });
  }
  if (found.is === "gone") {
    if (found.roleWithSameName !== undefined)
      warn(`${goneBut(database, recorded, found.roleWithSameName)}, and is left in place`);
    return;
  }
  const { name } = found.role;
  if (heldBy !== undefined) {
    warn(
      `user "${name}" on ${database.server} stays in place: it is now managed by ${heldBy.owner ?? "another resource"}`,
    );
    return;
  }
  await retryAfterLostCommit(() =>
    recorded.onDelete === "disable"
      ? database.alterRole(name, { options: { login: false } })
      : database.dropRole(name, recorded.reassignOwnedTo, warn, found.role.identity),
  );
}
