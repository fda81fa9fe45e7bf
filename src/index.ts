export {
  AlternatingUsers,
  type AlternatingUsersArgs,
  type Credentials,
} from "./components/alternating-users";
export {
  type IsolatedUser,
  StrictIsolation,
  type StrictIsolationArgs,
} from "./components/strict-isolation";
export { UserError } from "./errors";
export type { HbaRule, Product } from "./hba";
export {
  AuthSettings,
  type AuthSettingsArgs,
  type CockroachdbAuthSettingsArgs,
  type PostgresqlAuthSettingsArgs,
} from "./resources/auth-settings";
export type { ConnectionArgs } from "./resources/connection";
export { HbaConfig, type HbaConfigArgs } from "./resources/hba-config";
export { Provider, type ProviderArgs } from "./resources/provider";
export type { MembershipArgs, RoleArgs } from "./resources/role-options";
export { ScramUser, type ScramUserArgs } from "./resources/scram-user";
export { ScramUserSet, type ScramUserSetArgs, type ScramUserSetEntry } from "./resources/scram-user-set";
export type { UserArgs, UserDefaults } from "./resources/user-args";
