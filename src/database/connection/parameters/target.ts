import { isIP } from "node:net";
import { userInfo } from "node:os";
import { type LoginRules, parseRequireAuth } from "../login/login-rules";
import type { TlsSettings } from "../tls/tls";
import { type Host, isSocket } from "./host";
import {
  CHANNEL_BINDINGS,
  type Environment,
  refused,
  SSL_CERT_MODES,
  SSL_MODES,
  SSL_NEGOTIATIONS,
  TLS_VERSIONS,
} from "./parameters";
import { defaultPasswordFile } from "./password-file";
import { type ConnectionSettings, readSettings } from "./settings";
import { collectValues, type Value, type Values } from "./values";

/** Where to connect, as whom: every parameter decided. */
export interface Target {
  readonly hosts: readonly Host[];
  readonly user: string;
  readonly database: string;
  /** Absent: from the password file, or none is needed (client certificate, peer). */
  readonly password: string | undefined;
  readonly passfile: string;
  readonly tls: TlsSettings;
  /** Whether a server that refuses writes is passed over. */
  readonly readWrite: boolean;
  readonly connectTimeoutMs: number;
  /** How many connections there may be at one time. */
  readonly connectionLimit: number;
  readonly applicationName: string;
  readonly options: string | undefined;
  readonly rules: LoginRules;
}

/**
 * The target of these settings, completed from their service, libpq's PG* variables and its defaults.
 *
 * @throws UserError `connection-url`, `connection-service`
 */
export function resolveTarget(
  settings: ConnectionSettings | null,
  env: Environment = process.env,
  random = Math.random,
): Target {
  const values = collectValues(readSettings(settings), env);
  const hosts = pairHosts(values);
  const user = values.user?.text ?? userInfo().username;
  const attributes = values.target_session_attrs?.text;
  return {
    hosts: values.load_balance_hosts?.text === "random" ? shuffled(hosts, random) : hosts,
    user,
    database: values.dbname?.text ?? user,
    password: values.password?.text,
    passfile: values.passfile?.text ?? defaultPasswordFile(env),
    tls: tlsSettings(values),
    // We are there to write: among several servers only one that lets us will do, unless told otherwise.
    readWrite: attributes === undefined ? hosts.length > 1 : attributes !== "any",
    connectTimeoutMs: connectTimeoutMs(values),
    connectionLimit: connectionLimit(values),
    applicationName: values.application_name?.text ?? "pulumi-scram",
    options: values.options?.text,
    rules: loginRules(values),
  };
}

function loginRules(values: Values): LoginRules {
  const channelBinding = oneOf(CHANNEL_BINDINGS, values.channel_binding) ?? "prefer";
  if (values.require_auth === undefined) return { requireAuth: undefined, channelBinding };
  const { text, subject } = values.require_auth;
  const requireAuth = parseRequireAuth(text);
  if (requireAuth === undefined) {
    throw refused(
      `${subject} cannot be "${text}"`,
      "use scram-sha-256, password, md5, none, gss, sspi or oauth, with commas between, or all with ! in front",
    );
  }
  return { requireAuth, channelBinding };
}

/** For a message: `host:port`, several with commas between; a socket by its folder. */
export function describeHosts(hosts: readonly Host[]): string {
  return hosts
    .map((host) => {
      if (isSocket(host)) return host.host;
      const { host: name, port, address = name } = host;
      const server = name.includes(":") ? `[${name}]:${port}` : `${name}:${port}`;
      return address === name ? server : `${server} (${address})`;
    })
    .join(", ");
}

/** libpq: one port for all hosts, or one each, and one address each; an empty one is the default. */
function pairHosts({ host, hostaddr, port }: Values): Host[] {
  const addresses = hostaddr?.text.split(",") ?? [];
  const names = host?.text.split(",") ?? (addresses.length > 0 ? addresses : ["localhost"]);
  const ports = port?.text.split(",") ?? [""];
  if (hostaddr !== undefined) requireOneEach(names, addresses, "addresses (hostaddr)");
  if (ports.length !== 1) requireOneEach(names, ports, "ports");
  return names.map((name, i) => {
    const address = addresses[i] || undefined;
    if (address !== undefined && isIP(address) === 0)
      throw refused(`${hostaddr?.subject} cannot be "${address}"`, "use an IP address");
    const text = (ports.length === 1 ? ports[0] : ports[i]) || "5432";
    const number = Number(text);
    if (!Number.isInteger(number) || number < 1 || number > 65_535)
      throw refused(`${port?.subject} cannot be "${text}"`, "use 1 to 65535");
    return {
      host: name || address || "localhost",
      port: number,
      ...(address !== undefined && { address }),
    };
  });
}

function requireOneEach(hosts: readonly string[], others: readonly string[], what: string): void {
  if (others.length === hosts.length) return;
  throw refused(
    `the database connection has ${hosts.length} hosts and ${others.length} ${what}`,
    what === "ports" ? "give one port, or one for each host" : "give one for each host",
  );
}

function shuffled(hosts: readonly Host[], random: () => number): Host[] {
  return hosts
    .map((host) => ({ host, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ host }) => host);
}

/** Long enough for a database that wakes up, short enough for a person who waits; libpq waits for ever. */
const CONNECT_TIMEOUT = "15";

function connectTimeoutMs({ connect_timeout: given }: Values): number {
  const text = given?.text ?? CONNECT_TIMEOUT;
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 0)
    throw refused(`${given?.subject} cannot be "${text}"`, "use whole seconds");
  return seconds * 1000;
}

/** Enough for role statements, which PostgreSQL hashes on one core each, and modest towards a small server's limit. */
const CONNECTION_LIMIT = "4";

function connectionLimit({ connection_limit: given }: Values): number {
  const text = given?.text ?? CONNECTION_LIMIT;
  if (!/^[1-9]\d{0,2}$/.test(text)) throw refused(`${given?.subject} cannot be "${text}"`, "use 1 to 999");
  return Number(text);
}

/** Combinations that would be promises not kept are refused; each value has been judged by itself. */
function tlsSettings(values: Values): TlsSettings {
  const { sslmode: mode, sslrootcert: root, sslnegotiation, ssl_max_protocol_version: max } = values;
  // libpq's since 16: anybody gets a certificate from a public authority, so that only its name tells.
  const sslmode = oneOf(SSL_MODES, mode) ?? (root?.text === "system" ? "verify-full" : "prefer");
  if (root?.text === "system" && sslmode !== "verify-full")
    throw refused(`${mode?.subject} cannot be "${sslmode}" with sslrootcert=system`, "use verify-full");
  const negotiation = oneOf(SSL_NEGOTIATIONS, sslnegotiation) ?? "postgres";
  if (negotiation === "direct" && SSL_MODES.indexOf(sslmode) < SSL_MODES.indexOf("require")) {
    throw refused(
      `${sslnegotiation?.subject} cannot be "direct" with sslmode=${sslmode}`,
      "set sslmode to require, verify-ca or verify-full",
    );
  }
  const minVersion = oneOf(TLS_VERSIONS, values.ssl_min_protocol_version) ?? "TLSv1.2";
  const maxVersion = oneOf(TLS_VERSIONS, max);
  if (maxVersion !== undefined && TLS_VERSIONS.indexOf(maxVersion) < TLS_VERSIONS.indexOf(minVersion)) {
    throw refused(
      `${max?.subject} cannot be "${maxVersion}" where the least is ${minVersion}`,
      "correct it or ssl_min_protocol_version",
    );
  }
  return {
    sslmode,
    sslnegotiation: negotiation,
    sslrootcert: root?.text,
    sslcrl: values.sslcrl?.text,
    sslcrldir: values.sslcrldir?.text,
    sslcertmode: oneOf(SSL_CERT_MODES, values.sslcertmode) ?? "allow",
    sslcert: values.sslcert?.text,
    sslkey: values.sslkey?.text,
    sslpassword: values.sslpassword?.text,
    minVersion,
    maxVersion,
  };
}

function oneOf<T extends string>(known: readonly T[], value: Value | undefined): T | undefined {
  return known.find((one) => one === value?.text);
}
