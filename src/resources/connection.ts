import type * as pulumi from "@pulumi/pulumi";

/** A database server, as its administrator. What is left out comes from libpq's PG* variables. */
export interface ConnectionArgs {
  readonly host?: pulumi.Input<string>;
  readonly port?: pulumi.Input<number>;
  readonly user?: pulumi.Input<string>;
  readonly password?: pulumi.Input<string>;
  readonly database?: pulumi.Input<string>;
  /** As in libpq: `disable`, `prefer`, `require`, `verify-ca`, `verify-full`. */
  readonly sslmode?: pulumi.Input<string>;
}
