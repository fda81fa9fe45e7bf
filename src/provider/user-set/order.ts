import type { Database } from "../../database/contract/database";
import type { UserState } from "../user/state";

type RoleId = Database["roleId"];

/** Whether a user has to wait for others among those that are left. */
export type Waits = (left: readonly UserState[]) => (user: UserState) => boolean;

/** In groups, one after the other, of users that wait for none in a later one; those who wait for each other, which servers refuse, come last. */
export function inDependencyLevels(users: readonly UserState[], waits: Waits): UserState[][] {
  const found: UserState[][] = [];
  let left = users;
  while (left.length > 0) {
    const waiting = waits(left);
    const ready = left.filter((user) => !waiting(user));
    const group = new Set(ready.length > 0 ? ready : left);
    found.push([...group]);
    left = left.filter((user) => !group.has(user));
  }
  return found;
}

/** A member is made after its groups. */
export const membersAmong =
  (roleId: RoleId): Waits =>
  (left) => {
    const names = new Set(left.map(({ username }) => roleId(username)));
    return ({ memberOf }) => memberOf?.some(({ role }) => names.has(roleId(role))) ?? false;
  };

/** A new owner is deleted after those who leave it something. */
export const newOwnersAmong =
  (roleId: RoleId): Waits =>
  (left) => {
    const newOwners = new Set(
      left.flatMap(({ reassignOwnedTo: newOwner }) => (newOwner === undefined ? [] : [roleId(newOwner)])),
    );
    return ({ username }) => newOwners.has(roleId(username));
  };
