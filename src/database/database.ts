import type { Product } from "../hba";
import type { HbaAccess } from "./access";
import type { Role, RoleChanges, RoleIdentity, RoleOptions } from "./role";
import type { SettingsAccess } from "./settings";

export type { Product };

/**
 * What we need of a database. Every method throws a ScramError with one sentence for the person who deploys,
 * and has changed nothing on the server when it throws, unless its code is COMMIT_LOST.
 */
export interface Database {
  readonly product: Product;
  /** Where it is, for messages: `host:port`. */
  readonly server: string;
  /** As in RoleIdentity. */
  cluster(): Promise<string | null>;
  /** The name as the server keeps it; two names with one id are one role. */
  roleId(name: string): string;
  findRole(name: string): Promise<Role | undefined>;
  createRole(name: string, role: RoleOptions & { readonly verifier: string }): Promise<RoleIdentity>;
  alterRole(name: string, changes: RoleChanges): Promise<void>;
  /** A role that is not there is no error: a delete may run twice. */
  dropRole(name: string): Promise<void>;
  readonly hba: HbaAccess;
  readonly settings: SettingsAccess;
}
