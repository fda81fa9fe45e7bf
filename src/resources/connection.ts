import type * as pulumi from "@pulumi/pulumi";

/** A database server, as its administrator. What is left out comes from libpq's PG* variables. */
export interface ConnectionArgs {
  /** One, or several with commas between: the first that answers and accepts writes is used. */
  readonly host?: pulumi.Input<string>;
  /** One for all hosts, or one each with commas between. */
  readonly port?: pulumi.Input<number | string>;
  readonly user?: pulumi.Input<string>;
  readonly password?: pulumi.Input<string>;
  readonly database?: pulumi.Input<string>;
  /** As in libpq: `disable`, `allow`, `prefer`, `require`, `verify-ca`, `verify-full`. */
  readonly sslmode?: pulumi.Input<string>;
  /** The file of the authority that the server's certificate is checked against. */
  readonly sslrootcert?: pulumi.Input<string>;
  /** The files of a client certificate and its key, instead of a password. */
  readonly sslcert?: pulumi.Input<string>;
  readonly sslkey?: pulumi.Input<string>;
}
