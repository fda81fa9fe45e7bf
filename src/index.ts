export type { ConnectionArgs } from "./resources/connection";
export { Provider, type ProviderArgs } from "./resources/provider";
export { ScramUser, type ScramUserArgs } from "./resources/scram-user";
