import type { Product } from "../../hba";
import type { Challenge } from "../connection/login/challenge";
import type { HbaAccess } from "./access";
import type { NewRole, Role, RoleChanges, RoleIdentity } from "./role";
import type { SettingsAccess } from "./settings";

export type { Product };

/**
 * What we need of a database. Every method throws a UserError with one sentence for the person who deploys,
 * and has changed nothing on the server when it throws, unless its code is COMMIT_LOST or `dropRole` had begun to give away what
 * the role owns, which is more than one transaction.
 */
export interface Database {
  readonly product: Product;
  /** Where it is, for messages: `host:port`. */
  readonly server: string;
  /** The administrator, by the server's spelling of names. */
  readonly user: string;
  /** As in RoleIdentity. */
  cluster(): Promise<string | null>;
  /** The name as the server keeps it; two names with one id are one role. */
  roleId(name: string): string;
  findRole(name: string): Promise<Role | undefined>;
  /** What a role is named by now, where the server tells roles apart by more than their names (PostgreSQL). */
  nameOf(identity: RoleIdentity): Promise<string | undefined>;
  /** The other roles that may alter this one, sorted: neither superusers nor this administrator. */
  administratorsOf(name: string): Promise<readonly string[]>;
  createRole(name: string, role: NewRole): Promise<RoleIdentity>;
  alterRole(name: string, changes: RoleChanges): Promise<void>;
  /**
   * A role that is not there is no error: a delete may run twice.
   *
   * @param reassignOwnedTo the role that gets what this one owns; what this one was granted is taken back
   * @param tell gets a line that names what of it acts with the rights of its owner (PostgreSQL), before it is given away
   */
  dropRole(
    name: string,
    reassignOwnedTo?: string,
    tell?: (line: string) => void,
    identity?: RoleIdentity,
  ): Promise<void>;
  /** What the server asks of a user at login, as far as it says before a password is given. */
  challenge(name: string): Promise<Challenge>;
  readonly hba: HbaAccess;
  readonly settings: SettingsAccess;
}
