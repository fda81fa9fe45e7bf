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
};

/** The rest of libpq's have defaults that depend on other files (TLS) or parameters (dbname). */
const DEFAULTS = {
  host: "localhost",
  port: "5432",
  sslmode: "prefer",
  // Long enough for a database that wakes up, short enough for a person who waits; libpq waits for ever.
  connect_timeout: "15",
  application_name: "pulumi-scram",
};

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
  return { ...DEFAULTS, user, dbname: user, ...known };
}
