import { isIP } from "node:net";
import { UserError } from "../../errors";
import type { StoredHash } from "../../scram/stored-hash";
import { type Dialect, isCockroachdb } from "../dialect";
import { type IpAddress, parseIp, unmapped } from "../ip";
import type { CockroachdbBuild } from "../methods/cockroachdb";
import { foldName } from "../names";
import type { Transport } from "../transport";
import type { CockroachdbSettings } from "./settings-cockroachdb";

/** Who wants in, from where, and what the server has stored of them. */
export interface HbaLogin {
  readonly user: string;
  readonly database: string;
  /** The client's IP address as the server sees it, or `local` for a Unix socket. */
  readonly address: string;
  readonly tls: boolean;
  /** PostgreSQL: the connection is encrypted by GSSAPI. @default false */
  readonly gssEncryption?: boolean;
  /** PostgreSQL: a physical replication connection, which only the keyword `replication` matches. @default false */
  readonly replication?: boolean;
  /** The client's certificate; counts over TLS only. */
  readonly clientCertificate?: {
    readonly commonName: string;
    /** RFC 2253, for PostgreSQL's `clientname=DN` and CockroachDB's SUBJECT. */
    readonly distinguishedName?: string;
  };
  /** CockroachDB: the role's SUBJECT, which must be the distinguished name of the certificate it comes by. */
  readonly certificateSubject?: string;
  /** The operating system's user on the other end of a Unix socket. */
  readonly osUser?: string;
  readonly storedHash: StoredHash;
  /** @default true */
  readonly exists?: boolean;
  /** @default true */
  readonly canLogin?: boolean;
  /** The user's VALID UNTIL is past. @default false */
  readonly expired?: boolean;
  /** PostgreSQL: the roles the user belongs to, directly or not. Without it `+role` and `samerole` are unknown. */
  readonly memberOf?: readonly string[];
}

/** What else the answer depends on. */
export interface HbaMatchContext {
  /** @default the newest known */
  readonly version?: string;
  /** CockroachDB: the cluster settings that decide what a client is asked. @default those of the version */
  readonly settings?: Partial<CockroachdbSettings>;
  readonly build?: CockroachdbBuild;
  /** CockroachDB: started with --insecure: HBA is ignored. @default false */
  readonly insecure?: boolean;
  /** CockroachDB: started with --accept-sql-without-tls. @default false */
  readonly acceptSqlWithoutTls?: boolean;
  /** CockroachDB: started with --disallow-root-login. No session can tell: `unknown`. @default false */
  readonly disallowRootLogin?: boolean | "unknown";
  /** PostgreSQL: whether the server has TLS on. @default true */
  readonly ssl?: boolean;
  /** PostgreSQL: whether the server has an `ssl_ca_file`, without which no client certificate is looked at. @default true */
  readonly sslCaFile?: boolean;
  /** PostgreSQL: the server's network interfaces, for `samehost` and `samenet`; what os.networkInterfaces gives. */
  readonly interfaces?: readonly { readonly address: string; readonly netmask: string }[];
  /** PostgreSQL: the client's host name, found by reverse lookup and confirmed by forward lookup. */
  readonly hostName?: string;
}

/** A login prepared for comparing. */
export interface Visitor extends HbaLogin {
  /** Folded on CockroachDB. */
  readonly user: string;
  readonly transport: Transport;
  /** Absent over a Unix socket. */
  readonly ip?: IpAddress;
}

/** @throws UserError `hba-login-address` when the address is neither an IP address nor `local` */
export function visitorOf(login: HbaLogin, dialect: Dialect): Visitor {
  const user = isCockroachdb(dialect) ? foldName(login.user) : login.user;
  if (login.address === "local") return { ...login, user, transport: "local" };
  const address = login.address.replace(/%.*$/, "");
  const ip = isIP(address) === 0 ? undefined : parseIp(address);
  if (ip === undefined) {
    throw new UserError("hba-login-address", `\`${login.address}\` is no address a login can come from`, {
      hint: "give an IP address, or `local` for a Unix socket",
    });
  }
  const encrypted = login.gssEncryption ? "gss" : "plain";
  return {
    ...login,
    user,
    transport: login.tls ? "tls" : encrypted,
    ip: isCockroachdb(dialect) ? unmapped(ip) : ip,
  };
}
