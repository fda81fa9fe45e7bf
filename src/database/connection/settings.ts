import { ScramError } from "../../scram/error";
import { PARAMETER_NAMES, type ParameterName, withoutEffect } from "./parameters";

/** How to reach a server as its administrator: a libpq URL, or its parts. What is left out comes from libpq's PG* variables. */
export type ConnectionSettings =
  | string
  | {
      /** One, or several with commas between: the first that answers and accepts writes is used. */
      readonly host?: string;
      readonly port?: number | string;
      readonly user?: string;
      readonly password?: string;
      readonly database?: string;
      readonly sslmode?: string;
      readonly sslrootcert?: string;
      readonly sslcert?: string;
      readonly sslkey?: string;
      readonly require_auth?: string;
      readonly channel_binding?: string;
    };

export type Given = Partial<Record<ParameterName, string>>;

/**
 * The parameters that settings name; `null` names none.
 *
 * @throws ScramError `connection-url`. A URL is not repeated: it may hold a password.
 */
export function readSettings(settings: ConnectionSettings | null): Given {
  if (settings === null) return {};
  return typeof settings === "string" ? readUrl(settings) : readParts(settings);
}

const PARTS = [
  "host",
  "port",
  "user",
  "password",
  "database",
  "sslmode",
  "sslrootcert",
  "sslcert",
  "sslkey",
  "require_auth",
  "channel_binding",
];

function readParts(parts: Exclude<ConnectionSettings, string>): Given {
  const given: Given = {};
  for (const [part, value] of Object.entries(parts)) {
    if (!PARTS.includes(part)) throw unknownParameter("part", part, PARTS);
    if (value !== undefined && value !== null) {
      given[part === "database" ? "dbname" : (part as ParameterName)] = String(value);
    }
  }
  return given;
}

/** `postgresql://user:password@host:port,host:port/dbname?name=value`: several hosts are what no URL parser takes. */
const URL_FORM = /^postgres(?:ql)?:\/\/(?:([^@/?]*)@)?([^@/?]*)(?:\/([^?]*))?(?:\?(.*))?$/;

function readUrl(url: string): Given {
  const [matched, credentials, hosts = "", dbname = "", query = ""] = URL_FORM.exec(url) ?? [];
  const authorities = hosts.split(",").map((host) => HOST_FORM.exec(host));
  // An @ further on is that of a password with a / or ? in it, which would end up in messages as host or parameter.
  if (matched === undefined || authorities.includes(null) || (dbname + query).includes("@")) throw notAUrl();
  const [user = "", ...password] = (credentials ?? "").split(":");
  const given: Given = {
    host: authorities.map((parts) => decode(parts?.[1] ?? parts?.[2] ?? "")).join(","),
    port: authorities.map((parts) => parts?.[3] ?? "").join(","),
    user: decode(user),
    password: decode(password.join(":")),
    dbname: decode(dbname),
  };
  if (!/\d/.test(given.port ?? "")) delete given.port;
  for (const [name, value] of new URLSearchParams(query.replaceAll("+", "%2B"))) {
    if (isParameter(name)) given[name] = value;
    else checkWithoutEffect(name, value);
  }
  return given;
}

/** `[IPv6]:port` or `host:port`; a percent-encoded socket folder is a host too. */
const HOST_FORM = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d*))?$/;

function isParameter(name: string): name is ParameterName {
  return (PARAMETER_NAMES as readonly string[]).includes(name);
}

/** Ignored, a wish for more would be a promise that is not kept. */
function checkWithoutEffect(name: string, value: string): void {
  const allowed = withoutEffect(name);
  if (allowed === undefined) throw unknownParameter("parameter", name, PARAMETER_NAMES);
  if (value !== "" && !allowed.includes(value)) {
    throw new ScramError("connection-url", `the database connection's ${name} cannot be "${value}"`, {
      hint: `use ${allowed.join(" or ")}, or leave it out`,
    });
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw notAUrl();
  }
}

function notAUrl(): ScramError {
  return new ScramError("connection-url", "the database connection is not a PostgreSQL URL", {
    hint: "write postgresql://user:password@host:5432/database and percent-encode special characters in the password",
  });
}

function unknownParameter(kind: string, name: string, known: readonly string[]): ScramError {
  return new ScramError("connection-url", `the database connection has no ${kind} "${name}"`, {
    hint: `it takes ${known.join(", ")}`,
  });
}
