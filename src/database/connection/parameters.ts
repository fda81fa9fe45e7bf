import { userInfo } from "node:os";

/** libpq's connection parameters that mean something here, by their names in a URL. Source: PostgreSQL documentation, 34.1.2. */
export interface Parameters {
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly dbname: string;
  readonly password?: string;
  readonly sslmode: string;
  readonly sslrootcert?: string;
  readonly sslcert?: string;
  readonly sslkey?: string;
  readonly target_session_attrs?: string;
  /** Seconds. */
  readonly connect_timeout: string;
  readonly application_name: string;
  readonly options?: string;
  readonly require_auth?: string;
  readonly channel_binding: string;
}

export type ParameterName = keyof Parameters;

/** The environment variable of each. */
const VARIABLES: Readonly<Record<ParameterName, string>> = {
  host: "PGHOST",
  port: "PGPORT",
  user: "PGUSER",
  dbname: "PGDATABASE",
  password: "PGPASSWORD",
  sslmode: "PGSSLMODE",
  sslrootcert: "PGSSLROOTCERT",
  sslcert: "PGSSLCERT",
  sslkey: "PGSSLKEY",
  target_session_attrs: "PGTARGETSESSIONATTRS",
  connect_timeout: "PGCONNECT_TIMEOUT",
  application_name: "PGAPPNAME",
  options: "PGOPTIONS",
  require_auth: "PGREQUIREAUTH",
  channel_binding: "PGCHANNELBINDING",
};

/** The rest of libpq's have defaults that depend on other files (TLS) or parameters (dbname). */
const DEFAULTS = {
  host: "localhost",
  port: "5432",
  // Long enough for a database that wakes up, short enough for a person who waits; libpq waits for ever.
  connect_timeout: "15",
  application_name: "pulumi-scram",
  channel_binding: "prefer",
};

/** Of libpq's others, the values that ask for nothing but what is done here anyway. */
const NOTHING_SPECIAL: Readonly<Record<string, readonly string[]>> = {
  client_encoding: ["auto", "UTF8", "utf8", "UTF-8", "utf-8"],
  gssencmode: ["disable", "prefer"],
  keepalives: ["1"],
  load_balance_hosts: ["disable"],
  sslnegotiation: ["postgres"],
  sslsni: ["1"],
};

/** What one of libpq's other parameters may be, or nothing for what is none of them. */
export function withoutEffect(name: string): readonly string[] | undefined {
  return Object.hasOwn(NOTHING_SPECIAL, name) ? NOTHING_SPECIAL[name] : undefined;
}

export const PARAMETER_NAMES = Object.keys(VARIABLES) as readonly ParameterName[];

/** What is given, then the environment, then the defaults; an empty value counts as none, as in libpq. */
export function complete(
  given: Partial<Record<ParameterName, string>>,
  env: Readonly<Record<string, string | undefined>>,
): Parameters {
  const known: Partial<Record<ParameterName, string>> = {};
  for (const name of PARAMETER_NAMES) {
    const value = given[name] || env[VARIABLES[name]];
    if (value) known[name] = value;
  }
  const user = known.user ?? userInfo().username;
  // libpq's since 16: anybody gets a certificate from a public authority, so that only its name tells.
  const sslmode = known.sslrootcert === "system" ? "verify-full" : "prefer";
  return { ...DEFAULTS, sslmode, user, dbname: user, ...known };
}
