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

/**
 * The driver's configuration for these settings. `null` leaves everything to libpq's PG* variables.
 *
 * @throws ScramError `connection-url` for a text that is no PostgreSQL URL. The text is not repeated: it may hold a password.
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

/** Where a configuration leads, in words for a message: no password in it. */
export function describeTarget(config: pg.ClientConfig): { readonly server: string; readonly user: string } {
  // The driver merges URL, PG* variables and defaults as it does when it connects; reading its answer avoids a second copy of those rules.
  const { host, port, user } = new pg.Client(config);
  return { server: host.startsWith("/") ? host : `${host}:${port}`, user: user ?? "" };
}

function urlOf(parts: Exclude<ConnectionSettings, string>): string {
  const query = new URLSearchParams();
  // As query parameters every part, a socket folder and an IPv6 address among them, needs no syntax of its own.
  for (const [key, value] of Object.entries(parts)) {
    if (value !== undefined && key !== "database") query.set(key, String(value));
  }
  return `postgresql:///${encodeURIComponent(parts.database ?? "")}?${query}`;
}

/** Without this switch the driver takes `sslmode=require` for `verify-full` and prints a warning into every preview. */
function withLibpqTls(url: string): string {
  if (!/[?&]sslmode=/.test(url) || /[?&]uselibpqcompat=/.test(url)) return url;
  return `${url}&uselibpqcompat=true`;
}
