import * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "./connection";
import { keepOutputs } from "./outputs";
import { sendable } from "./sendable";

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
    // Missing arguments are passed on as nothing: the resources refuse them with a proper message.
    const { connection: given }: Partial<ProviderArgs> = sendable(`Provider "${name}"`, args);
    const connection = pulumi.secret(given).apply(connectionText);
    const sent = { "scram:connection": connection, "scram:explicit": "true" };
    super("pulumi-nodejs", name, sent, opts);
    keepOutputs(this, sent, []);
  }
}

/** A provider instance takes text alone. */
function connectionText(connection: unknown): string {
  if (connection === undefined || connection === null) return "";
  return typeof connection === "string" ? connection : JSON.stringify(connection);
}
