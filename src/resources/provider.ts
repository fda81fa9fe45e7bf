import * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "./connection";

export interface ProviderArgs {
  /** The administrator's connection to the database server: a PostgreSQL URL, or its parts. */
  readonly connection: pulumi.Input<string | ConnectionArgs>;
}

/**
 * A database server that several resources share, for programs that use more than one server:
 * `new ScramUser(…, …, { provider })`. Takes precedence over the environment and the stack config.
 */
export class Provider extends pulumi.ProviderResource {
  constructor(name: string, args: ProviderArgs, opts?: pulumi.ResourceOptions) {
    const connection = pulumi
      .secret(args.connection)
      .apply((c) => (typeof c === "string" ? c : JSON.stringify(c)));
    super("pulumi-nodejs", name, { "scram:connection": connection, "scram:explicit": "true" }, opts);
  }
}
