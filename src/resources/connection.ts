import type * as pulumi from "@pulumi/pulumi";

/** The administrator's connection to a database server. Missing parts come from libpq's PG* variables. */
export interface ConnectionArgs {
  /** One host, or several separated by commas: the first that answers and accepts writes is used. */
  readonly host?: pulumi.Input<string>;
  /** One port for all hosts, or one per host, separated by commas. */
  readonly port?: pulumi.Input<number | string>;
  readonly user?: pulumi.Input<string>;
  readonly password?: pulumi.Input<string>;
  readonly database?: pulumi.Input<string>;
  /** As in libpq: `disable`, `allow`, `prefer`, `require`, `verify-ca`, `verify-full`. */
  readonly sslmode?: pulumi.Input<string>;
  /** The file with the CA certificate that the server's certificate is verified against. */
  readonly sslrootcert?: pulumi.Input<string>;
  /** The files of a client certificate and (`sslkey`) its key, instead of a password. */
  readonly sslcert?: pulumi.Input<string>;
  readonly sslkey?: pulumi.Input<string>;
  /**
   * As in libpq: how the server may let the administrator log in, such as `scram-sha-256` or `!password,!md5`.
   * @default SCRAM; any way over a Unix socket, or where `sslmode` has the server's certificate checked
   */
  readonly require_auth?: pulumi.Input<string>;
  /** As in libpq: `disable`, `prefer`, `require`. @default "prefer" */
  readonly channel_binding?: pulumi.Input<string>;
}
