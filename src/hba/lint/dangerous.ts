import { type Dialect, isCockroachdb, postgresqlHas } from "../dialect";
import { isLoopback } from "../ip";
import { type HbaEntry, isKeyword } from "../model";
import { nameKind } from "../name-kind";
import { transportsOf } from "../transport";
import { type HbaFinding, info, warning } from "./finding";

/** Rules that work as they say, and let in or give away more than most people want. */
export function dangerous(entry: HbaEntry, dialect: Dialect): HbaFinding[] {
  return [...trust(entry, dialect), ...cleartext(entry, dialect), ...weak(entry, dialect)];
}

/** Whether others than the server's own machine can connect by the rule. */
function isRemote({ connection, address }: HbaEntry): boolean {
  if (connection.type === "local" || address === undefined || address.kind === "samehost") return false;
  return address.kind !== "network" || !isLoopback(address.network);
}

function trust(entry: HbaEntry, dialect: Dialect): HbaFinding[] {
  const { method, connection, options } = entry;
  if (method.value !== "trust") return [];
  if (options.some(({ name, value }) => name === "clientcert" && value === "verify-full")) return [];
  if (isForEverybody(entry, dialect)) {
    return [
      warning(
        "trust-everybody",
        method,
        "Whoever reaches the server gets in as any user, superusers included, without a password",
        "use `scram-sha-256`",
      ),
    ];
  }
  if (isRemote(entry)) {
    return [
      warning(
        "trust-remote",
        method,
        "Whoever connects from this address gets in without a password",
        "use `scram-sha-256`, or `cert` on a `hostssl` rule",
      ),
    ];
  }
  const where = connection.type === "local" ? "with access to the socket" : "on the server's machine";
  return [info("trust-local", method, `Everybody ${where} gets in without a password`)];
}

function isForEverybody(entry: HbaEntry, dialect: Dialect): boolean {
  const { users, databases, address } = entry;
  const everywhere = address?.kind === "all" || (address?.kind === "network" && address.network.mask === 0n);
  const all = (tokens: HbaEntry["users"], column: "user" | "database") =>
    tokens.some((token) => nameKind(token, column, dialect) === "all");
  return everywhere && all(users, "user") && (isCockroachdb(dialect) || all(databases, "database"));
}

/** Methods that make the client send its password as it is. */
const CLEARTEXT = ["password", "ldap", "pam", "bsd", "radius"];

function cleartext(entry: HbaEntry, dialect: Dialect): HbaFinding[] {
  const { method, connection } = entry;
  const unencrypted = transportsOf(connection.type, dialect).includes("plain");
  if (CLEARTEXT.includes(method.value)) {
    if (unencrypted && isRemote(entry)) {
      return [
        warning(
          "password-in-clear",
          method,
          `\`${method.value}\` makes the client send its password in clear, on this rule also without TLS`,
          "use `scram-sha-256`, or at least `hostssl`",
        ),
      ];
    }
    return [
      info("password-seen-by-server", method, `\`${method.value}\` shows the server the user's password`),
    ];
  }
  if (method.value !== "cert-password" || connection.type !== "hostnossl") return [];
  return [
    warning(
      "password-in-clear",
      method,
      "Without TLS there is no certificate, and a user with a bcrypt hash, or a SCRAM hash of another cost than the cluster's, is asked for the password in clear",
      "use `scram-sha-256`",
    ),
  ];
}

function weak(entry: HbaEntry, dialect: Dialect): HbaFinding[] {
  const { method, connection } = entry;
  if (method.value === "md5" && !isCockroachdb(dialect)) {
    const deprecated = postgresqlHas(dialect, "md5Deprecated");
    const finding = deprecated ? warning : info;
    return [
      finding(
        "md5-deprecated",
        method,
        `\`md5\` ${deprecated ? "is deprecated since PostgreSQL 18" : "is weak and deprecated from PostgreSQL 18 on"}; users with a SCRAM hash already log in by SCRAM under it`,
        "give every user a SCRAM hash, then write `scram-sha-256`",
      ),
    ];
  }
  if (isKeyword(method, "ident") && connection.type !== "local" && isRemote(entry)) {
    return [
      warning("ident-remote", method, "`ident` believes what the client's machine says about its user"),
    ];
  }
  return [];
}
