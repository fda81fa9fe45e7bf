import type { UserError } from "../../../errors";
import { HONOURED_NAMES, type HonouredName, isParameter, type ParameterName, refused } from "./parameters";

/** libpq's names but for one, as everywhere in JavaScript. */
type Part = Exclude<HonouredName, "dbname"> | "database";

/** How to reach a server as its administrator: a libpq URL, or its parts. What is left out comes from libpq's PG* variables. */
export type ConnectionSettings = string | { readonly [part in Part]?: string | number };

export type Given = Partial<Record<ParameterName, string>>;

/**
 * The parameters that settings name; `null` names none.
 *
 * @throws UserError `connection-url`. A URL is not repeated: it may hold a password.
 */
export function readSettings(settings: ConnectionSettings | null): Given {
  if (settings === null) return {};
  return typeof settings === "string" ? readUrl(settings) : readParts(settings);
}

const PARTS = HONOURED_NAMES.map((name) => (name === "dbname" ? "database" : name));

function readParts(parts: object): Given {
  const given: Given = {};
  for (const [part, value] of Object.entries(parts)) {
    const name = part === "database" ? "dbname" : part;
    if (part === "dbname" || !isParameter(name)) throw unknownParameter("part", part, PARTS);
    if (value === undefined || value === null) continue;
    if (typeof value !== "string" && typeof value !== "number") {
      throw refused(`the database connection's ${part} is no text`, "give it as text");
    }
    given[name] = String(value);
  }
  return given;
}

/** `postgresql://user:password@host:port,host:port/dbname?name=value`: several hosts are what no URL parser takes. */
const URL_FORM = /^postgres(?:ql)?:\/\/(?:([^@/?]*)@)?([^@/?]*)(?:\/([^?]*))?(?:\?(.*))?$/;

/** What comes with a file or a paste. Percent-encoded it may be meant, and is judged with the value that it is in. */
const STRAY = /[\p{Cc}\p{Zl}\p{Zp}]|^\s|\s$/u;

function readUrl(url: string): Given {
  if (STRAY.test(url)) {
    throw refused(
      "the database connection's URL has a line end, a tab or another control character in it, or a blank at an end",
      "remove it, or percent-encode it (a line end is %0A) where it belongs to the password",
    );
  }
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
    if (!isParameter(name)) throw unknownParameter("parameter", name, HONOURED_NAMES);
    given[name] = value;
  }
  return given;
}

/** `[IPv6]:port` or `host:port`; a percent-encoded socket folder is a host too. */
const HOST_FORM = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d*))?$/;

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw notAUrl();
  }
}

function notAUrl(): UserError {
  return refused(
    "the database connection is not a PostgreSQL URL",
    "write postgresql://user:password@host:5432/database and percent-encode special characters in the password",
  );
}

function unknownParameter(kind: string, name: string, known: readonly string[]): UserError {
  return refused(
    `the database connection has no ${kind} ${JSON.stringify(name)}`,
    `it takes ${known.join(", ")}`,
  );
}
