import type * as pulumi from "@pulumi/pulumi";

type TlsVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

/**
 * The administrator's connection to a database server, in libpq's words. Missing parts come from libpq's PG* variables.
 * What each may be: docs/reference/connection.md.
 */
export interface ConnectionArgs {
  /** One host, or several separated by commas: the first that answers and accepts writes is used. */
  readonly host?: pulumi.Input<string>;
  /** The IP address to connect to (one for each host); `host` is still the name that a certificate must have. */
  readonly hostaddr?: pulumi.Input<string>;
  /** One port for all hosts, or one per host, separated by commas. */
  readonly port?: pulumi.Input<number | string>;
  readonly user?: pulumi.Input<string>;
  readonly password?: pulumi.Input<string>;
  /** A password file, instead of PGPASSFILE or ~/.pgpass. */
  readonly passfile?: pulumi.Input<string>;
  readonly database?: pulumi.Input<string>;
  /** A service of `pg_service.conf`; what is given here comes before it, the environment after it. */
  readonly service?: pulumi.Input<string>;
  /** Of the session, as the server's command line takes them: `-c role=administrators`. */
  readonly options?: pulumi.Input<string>;
  /** @default "pulumi-scram" */
  readonly application_name?: pulumi.Input<string>;
  /**
   * Seconds; 0 is for ever.
   * @default 15
   */
  readonly connect_timeout?: pulumi.Input<number | string>;
  /**
   * How many connections there may be at one time, where the server has few; each further one that it refuses is done without, too.
   * @default 4
   */
  readonly connection_limit?: pulumi.Input<number | string>;
  /**
   * Which of several hosts will do.
   * @default among several hosts, one that accepts writes
   */
  readonly target_session_attrs?: pulumi.Input<"any" | "read-write" | "primary">;
  /** `random` tries several hosts in any order. */
  readonly load_balance_hosts?: pulumi.Input<"disable" | "random">;
  /**
   * `verify-full` alone makes sure that it is the server; with `sslrootcert=system` it is the default.
   * @default "prefer"
   */
  readonly sslmode?: pulumi.Input<"disable" | "allow" | "prefer" | "require" | "verify-ca" | "verify-full">;
  /** `direct` (PostgreSQL 17 and later) begins with TLS at once. */
  readonly sslnegotiation?: pulumi.Input<"postgres" | "direct">;
  /** The file with the CA certificate that the server's certificate is verified against. */
  readonly sslrootcert?: pulumi.Input<string>;
  /** The file, or the folder (`sslcrldir`) of files, with the certificates that the CA has revoked. */
  readonly sslcrl?: pulumi.Input<string>;
  readonly sslcrldir?: pulumi.Input<string>;
  /** The files of a client certificate and (`sslkey`) its key, instead of a password; `sslpassword` opens an encrypted key. */
  readonly sslcert?: pulumi.Input<string>;
  readonly sslkey?: pulumi.Input<string>;
  readonly sslpassword?: pulumi.Input<string>;
  /** `disable` shows no client certificate, even where ~/.postgresql has one. */
  readonly sslcertmode?: pulumi.Input<"disable" | "allow">;
  /**
   * `TLSv1.2` or `TLSv1.3`; older ones for servers that know no better.
   * @default "TLSv1.2"
   */
  readonly ssl_min_protocol_version?: pulumi.Input<TlsVersion>;
  readonly ssl_max_protocol_version?: pulumi.Input<TlsVersion>;
  /**
   * As in libpq: how the server may let the administrator log in, such as `scram-sha-256` or `!password,!md5`.
   * @default SCRAM; any way over a Unix socket, or where the server's certificate is valid
   */
  readonly require_auth?: pulumi.Input<string>;
  /**
   * As in libpq.
   * @default "prefer"
   */
  readonly channel_binding?: pulumi.Input<"disable" | "prefer" | "require">;
}
