import { foldName } from "../../../hba";
import { type CheckFailure, hasUnknown, type Json, type Props } from "../../protocol/wire";
import type { UserState } from "../state";

/**
 * What this process has seen of the deployment that it serves: which resources declare a user, and which hold a role. One that
 * has moved from a resource to another (into a set, to a replacement) is not to go with the resource that it came from, and
 * what a server says of that could have been written there by others.
 */
export class Deployment {
  readonly #owners = new Map<string, string>();
  readonly #holders = new Map<string, readonly UserState[]>();

  /**
   * What is wrong with the declaration of a user, which belongs to one resource.
   *
   * @param owner the resource, by the name that it has now
   */
  declare({ username, connection }: Props, owner: Json | undefined): CheckFailure[] {
    if (typeof owner !== "string" || [username, connection, owner].some(hasUnknown)) return [];
    const user = JSON.stringify([username, connection ?? null]);
    const other = this.#owners.get(user) ?? owner;
    this.#owners.set(user, other);
    if (other === owner) return [];
    const reason = `username "${username}" is declared by ${other} too, and a user belongs to one resource; remove one of the two`;
    return [{ property: "", reason }];
  }

  /** The program still declares what is recorded. */
  keep(recorded: UserState): void {
    this.#holders.set(roleOf(recorded), [...this.#without(recorded), recorded]);
  }

  /** The role was made, changed or taken over. @param before what was recorded of it, and is no more */
  hold(state: UserState, before = state): UserState {
    if (before !== state) this.leave(before);
    this.#holders.set(roleOf(state), [...this.#of(state), state]);
    return state;
  }

  /** The resource goes. Gives one that the role stays with, if there is. */
  leave(recorded: UserState): UserState | undefined {
    const others = this.#without(recorded);
    this.#holders.set(roleOf(recorded), others);
    return others.at(-1);
  }

  #of(state: UserState): readonly UserState[] {
    return this.#holders.get(roleOf(state)) ?? [];
  }

  /** Less one: two resources may record the same, as a replacement does with a seed of one's own. */
  #without(state: UserState): readonly UserState[] {
    const all = this.#of(state);
    const at = all.findIndex((other) => KEYS.every((key) => other[key] === state[key]));
    return at === -1 ? all : all.toSpliced(at, 1);
  }
}

/** What tells the records of two resources apart. */
const KEYS = ["owner", "username", "saltSeed", "verifier"] as const;

/** Which role on which server; on a server that does not say which it is, as well as can be. */
function roleOf({ identity, username }: UserState): string {
  return JSON.stringify([identity?.cluster ?? username, identity?.oid ?? foldName(username)]);
}
