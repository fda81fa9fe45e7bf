import { UserError } from "../../../errors";
import { textProblem } from "../../../scram/text";

/** What becomes of one of libpq's connection parameters (PostgreSQL 18 documentation, 34.1.2 and 34.15). */
interface Parameter {
  /** The environment variable that sets it where the connection does not. */
  readonly variable?: string;
  /** The values that are taken, if not any: another one would be a promise that is not kept. */
  readonly values?: readonly string[];
  /** Why there are no more of them. */
  readonly because?: string;
  /** Whether what is taken asks for nothing but what is done here anyway. */
  readonly withoutEffect?: true;
  /** Its value is in no message, and may be any bytes. */
  readonly secret?: true;
}

/** Weakest first. */
export const SSL_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;
export const SSL_NEGOTIATIONS = ["postgres", "direct"] as const;
export const SSL_CERT_MODES = ["disable", "allow"] as const;
export const CHANNEL_BINDINGS = ["disable", "prefer", "require"] as const;
/** Oldest first. */
export const TLS_VERSIONS = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;

const NO_OAUTH = "nobody logs in by OAuth here";
const SYSTEMS_OWN = "Node leaves it to the operating system";

/** The one list of what a URL, an object, a service and the environment may say. */
const TABLE = {
  host: { variable: "PGHOST" },
  hostaddr: { variable: "PGHOSTADDR" },
  port: { variable: "PGPORT" },
  user: { variable: "PGUSER" },
  password: { variable: "PGPASSWORD", secret: true },
  passfile: { variable: "PGPASSFILE" },
  dbname: { variable: "PGDATABASE" },
  service: { variable: "PGSERVICE" },
  options: { variable: "PGOPTIONS" },
  application_name: { variable: "PGAPPNAME" },
  connect_timeout: { variable: "PGCONNECT_TIMEOUT" },
  target_session_attrs: {
    variable: "PGTARGETSESSIONATTRS",
    values: ["any", "read-write", "primary"],
    because: "users are written",
  },
  load_balance_hosts: { variable: "PGLOADBALANCEHOSTS", values: ["disable", "random"] },
  sslmode: { variable: "PGSSLMODE", values: SSL_MODES },
  sslnegotiation: { variable: "PGSSLNEGOTIATION", values: SSL_NEGOTIATIONS },
  sslrootcert: { variable: "PGSSLROOTCERT" },
  sslcrl: { variable: "PGSSLCRL" },
  sslcrldir: { variable: "PGSSLCRLDIR" },
  sslcert: { variable: "PGSSLCERT" },
  sslkey: { variable: "PGSSLKEY" },
  sslpassword: { secret: true },
  sslcertmode: {
    variable: "PGSSLCERTMODE",
    values: SSL_CERT_MODES,
    because: "Node does not tell whether the server asked for the certificate",
  },
  ssl_min_protocol_version: { variable: "PGSSLMINPROTOCOLVERSION", values: TLS_VERSIONS },
  ssl_max_protocol_version: { variable: "PGSSLMAXPROTOCOLVERSION", values: TLS_VERSIONS },
  require_auth: { variable: "PGREQUIREAUTH" },
  channel_binding: { variable: "PGCHANNELBINDING", values: CHANNEL_BINDINGS },

  // Ours alone.
  connection_limit: { variable: "SCRAM_CONNECTION_LIMIT" },

  client_encoding: { variable: "PGCLIENTENCODING", withoutEffect: true },
  fallback_application_name: { withoutEffect: true },
  gssencmode: {
    variable: "PGGSSENCMODE",
    values: ["disable", "prefer"],
    because: "only TLS encrypts here",
    withoutEffect: true,
  },
  gssdelegation: { variable: "PGGSSDELEGATION", withoutEffect: true },
  gsslib: { variable: "PGGSSLIB", withoutEffect: true },
  krbsrvname: { variable: "PGKRBSRVNAME", withoutEffect: true },
  keepalives: { values: ["1"], withoutEffect: true },
  keepalives_idle: { values: ["0"], because: SYSTEMS_OWN, withoutEffect: true },
  keepalives_interval: { values: ["0"], because: SYSTEMS_OWN, withoutEffect: true },
  keepalives_count: { values: ["0"], because: SYSTEMS_OWN, withoutEffect: true },
  tcp_user_timeout: { values: ["0"], because: SYSTEMS_OWN, withoutEffect: true },
  min_protocol_version: {
    variable: "PGMINPROTOCOLVERSION",
    values: ["3.0"],
    because: "3.0 is what is spoken here",
    withoutEffect: true,
  },
  max_protocol_version: {
    variable: "PGMAXPROTOCOLVERSION",
    values: ["3.0", "3.2", "latest"],
    withoutEffect: true,
  },
  sslcompression: { variable: "PGSSLCOMPRESSION", values: ["0", "1"], withoutEffect: true },
  sslsni: {
    variable: "PGSSLSNI",
    values: ["1"],
    because: "the driver always names the host",
    withoutEffect: true,
  },

  replication: { values: [], because: "users are written on ordinary connections" },
  requirepeer: {
    variable: "PGREQUIREPEER",
    values: [],
    because: "Node does not tell whose process is at the other end of a socket",
  },
  scram_client_key: { values: [], because: "logging in takes the password itself", secret: true },
  scram_server_key: { values: [], because: "logging in takes the password itself", secret: true },
  oauth_issuer: { values: [], because: NO_OAUTH },
  oauth_client_id: { values: [], because: NO_OAUTH },
  oauth_client_secret: { values: [], because: NO_OAUTH, secret: true },
  oauth_scope: { values: [], because: NO_OAUTH },
  sslkeylogfile: { values: [], because: "whoever reads that file reads the connection" },
} as const satisfies Record<string, Parameter>;

export type Environment = Readonly<Record<string, string | undefined>>;

export type ParameterName = keyof typeof TABLE;

/** The parameters that do something. */
export type HonouredName = {
  [N in ParameterName]: (typeof TABLE)[N] extends { withoutEffect: true } | { values: readonly [] }
    ? never
    : N;
}[ParameterName];

export const PARAMETERS: Readonly<Record<ParameterName, Parameter>> = TABLE;
export const PARAMETER_NAMES = Object.keys(TABLE) as readonly ParameterName[];
export const HONOURED_NAMES = PARAMETER_NAMES.filter((name): name is HonouredName => {
  const { withoutEffect, values } = PARAMETERS[name];
  return !withoutEffect && values?.length !== 0;
});

export function isParameter(name: string): name is ParameterName {
  return Object.hasOwn(TABLE, name);
}

/** Line ends, tabs: nobody means them. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/**
 * @param subject for the message: where the value is from
 * @throws UserError `connection-url`
 */
export function checkValue(name: ParameterName, value: string, subject: string): void {
  const { values, because, withoutEffect, secret } = PARAMETERS[name];
  const problem =
    textProblem(value) ?? (!secret && CONTROL.test(value) ? "has a control character in it" : undefined);
  if (problem !== undefined) throw refused(`${subject} ${problem}`, "remove it");
  if (values === undefined || values.includes(value)) return;
  const reason = because ? `: ${because}` : "";
  if (values.length === 0) throw refused(`${subject} is not supported here${reason}`, "leave it out");
  throw refused(
    `${subject} cannot be "${value}"${reason}`,
    `use ${listed(values)}${withoutEffect ? ", or leave it out" : ""}`,
  );
}

/** A UserError about a parameter. */
export function refused(problem: string, hint: string): UserError {
  return new UserError("connection-url", problem, { hint });
}

function listed(values: readonly string[]): string {
  return [values.slice(0, -1).join(", "), values.at(-1)].filter(Boolean).join(" or ");
}
