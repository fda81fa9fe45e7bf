import { ScramError } from "../../scram/error";
import { isChannelBinding, type LoginRules, parseRequireAuth } from "./login-rules";
import { complete, type Parameters } from "./parameters";
import { type ConnectionSettings, readSettings } from "./settings";
import { isSslMode, type TlsSettings } from "./tls";

export interface Host {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
}

/** Where to connect, as whom: every parameter decided. */
export interface Target {
  readonly hosts: readonly Host[];
  readonly user: string;
  readonly database: string;
  /** Absent: from the password file, or none is needed (client certificate, peer). */
  readonly password: string | undefined;
  readonly tls: TlsSettings;
  /** Whether a server that refuses writes is passed over. */
  readonly readWrite: boolean;
  readonly connectTimeoutMs: number;
  readonly applicationName: string;
  readonly options: string | undefined;
  readonly rules: LoginRules;
}

/**
 * The target of these settings, completed from libpq's PG* variables and its defaults.
 *
 * @throws ScramError `connection-url`
 */
export function resolveTarget(
  settings: ConnectionSettings | null,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Target {
  const given = complete(readSettings(settings), env);
  const hosts = pairHosts(given.host.split(","), given.port.split(","));
  const { sslmode, sslrootcert, sslcert, sslkey } = given;
  if (!isSslMode(sslmode)) {
    throw refused("sslmode", sslmode, "disable, allow, prefer, require, verify-ca or verify-full");
  }
  if (sslrootcert === "system" && sslmode !== "verify-full") {
    throw refused("sslmode", sslmode, "verify-full", " with sslrootcert=system");
  }
  const seconds = Number(given.connect_timeout);
  if (!Number.isInteger(seconds) || seconds < 0)
    throw refused("connect_timeout", given.connect_timeout, "whole seconds");
  return {
    hosts,
    user: given.user,
    database: given.dbname,
    password: given.password,
    tls: { sslmode, sslrootcert, sslcert, sslkey },
    readWrite: wantsReadWrite(given.target_session_attrs, hosts.length),
    connectTimeoutMs: seconds * 1000,
    applicationName: given.application_name,
    options: given.options,
    rules: loginRules(given),
  };
}

function loginRules({ require_auth, channel_binding: channelBinding }: Parameters): LoginRules {
  if (!isChannelBinding(channelBinding))
    throw refused("channel_binding", channelBinding, "disable, prefer or require");
  if (require_auth === undefined) return { requireAuth: undefined, channelBinding };
  const requireAuth = parseRequireAuth(require_auth);
  if (requireAuth === undefined) {
    const allowed =
      "scram-sha-256, password, md5, none, gss, sspi or oauth, with commas between, or all with ! in front";
    throw refused("require_auth", require_auth, allowed);
  }
  return { requireAuth, channelBinding };
}

/** For a message: `host:port`, several with commas between; a socket by its folder. */
export function describeHosts(hosts: readonly Host[]): string {
  return hosts
    .map(({ host, port }) => {
      if (host.startsWith("/")) return host;
      return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    })
    .join(", ");
}

/** libpq: one port for all hosts, or one each; an empty one is the default. */
function pairHosts(hosts: readonly string[], ports: readonly string[]): Host[] {
  if (ports.length !== 1 && ports.length !== hosts.length) {
    throw new ScramError(
      "connection-url",
      `the database connection has ${hosts.length} hosts and ${ports.length} ports`,
      {
        hint: "give one port, or one for each host",
      },
    );
  }
  return hosts.map((host, i) => {
    const text = (ports.length === 1 ? ports[0] : ports[i]) || "5432";
    const port = Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw refused("port", text, "1 to 65535");
    return { host: host || "localhost", port };
  });
}

/** We are there to write: among several servers only one that lets us will do, unless told otherwise. */
function wantsReadWrite(attributes: string | undefined, hosts: number): boolean {
  switch (attributes) {
    case undefined:
      return hosts > 1;
    case "any":
      return false;
    case "read-write":
    case "primary":
      return true;
    default:
      throw refused(
        "target_session_attrs",
        attributes,
        "any, read-write or primary, since users are written",
      );
  }
}

function refused(parameter: string, value: string, allowed: string, where = ""): ScramError {
  return new ScramError(
    "connection-url",
    `the database connection's ${parameter} cannot be "${value}"${where}`,
    { hint: `use ${allowed}` },
  );
}
