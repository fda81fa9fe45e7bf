import pg from "pg";
import { ScramError } from "../scram/error";

/** How to reach a server as its administrator: a libpq URL, or its parts. What is left out comes from libpq's PG* variables. */
export type ConnectionSettings =
  | string
  | {
      readonly host?: string;
      readonly port?: number;
      readonly user?: string;
      readonly password?: string;
      readonly database?: string;
      /** As in libpq. */
      readonly sslmode?: string;
    };

/** Long enough for a database that wakes up, short enough for a person who waits. */
const CONNECT_TIMEOUT_MS = 15_000;

const PARTS = ["host", "port", "user", "password", "database", "sslmode"];

/**
 * The driver's configuration for these settings. `null` leaves everything to libpq's PG* variables.
 *
 * @throws ScramError `connection-url` for what leads nowhere. A URL is not repeated: it may hold a password.
 */
export function clientConfig(settings: ConnectionSettings | null): pg.ClientConfig {
  const common = {
    application_name: "pulumi-scram",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  };
  if (settings === null) return common;
  const url = typeof settings === "string" ? settings : urlOf(settings);
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url.replace("@/", "@localhost/"))) {
    throw new ScramError("connection-url", "the database connection is not a PostgreSQL URL", {
      hint: "write postgresql://user:password@host:5432/database and percent-encode special characters in the password",
    });
  }
  return { ...common, connectionString: withLibpqTls(url) };
}

/**
 * Where a configuration leads, in words for a message: no password in it.
 *
 * @throws ScramError `connection-url`, for instance for a certificate file that is not there
 */
export function describeTarget(config: pg.ClientConfig): { readonly server: string; readonly user: string } {
  try {
    // The driver merges URL, PG* variables and defaults as it will when it connects: no second copy of those rules here.
    const { host, port, user } = new pg.Client(config);
    return { server: host.startsWith("/") ? host : `${host}:${port}`, user: user ?? "" };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ScramError("connection-url", `the database connection cannot be used: ${reason}`);
  }
}

function urlOf(parts: Exclude<ConnectionSettings, string>): string {
  const query = new URLSearchParams();
  // As query parameters every part, a socket folder and an IPv6 address among them, needs no syntax of its own.
  for (const [part, value] of Object.entries(parts)) {
    if (!PARTS.includes(part)) {
      throw new ScramError("connection-url", `the database connection has no part "${part}"`, {
        hint: `it takes ${PARTS.join(", ")}`,
      });
    }
    if (value !== undefined && part !== "database") query.set(part, String(value));
  }
  return `postgresql:///${encodeURIComponent(parts.database ?? "")}?${query}`;
}

/** Without this switch the driver takes `sslmode=require` for `verify-full` and prints a warning into every preview. */
function withLibpqTls(url: string): string {
  if (!/[?&]sslmode=/.test(url) || /[?&]uselibpqcompat=/.test(url)) return url;
  return `${url}&uselibpqcompat=true`;
}
