import { type Dialect, isCockroachdb, postgresqlHas } from "./dialect";
import { error, type HbaFinding, warning } from "./finding";
import { type PostgresqlMethod, postgresqlMethod, postgresqlOption } from "./methods-postgresql";
import { missingOptions } from "./missing-options";
import type { HbaEntry, HbaFile, Option, Token } from "./model";
import { rulesOf } from "./model";
import { checkRegularExpression } from "./regular-expression";

/**
 * What PostgreSQL refuses of a text that parses, in the order in which parse_hba_line looks: one such line and the
 * server keeps its old rules, or does not start.
 */
export function refusedByPostgresql(file: HbaFile): HbaFinding[] {
  if (isCockroachdb(file.dialect)) return [];
  const meaningful = file.lines.filter((line) => line.kind !== "comment" && line.kind !== "blank");
  if (meaningful.length === 0) {
    // The server names its file; pg_hba_file_rules shows nothing.
    return [error("no-entries", undefined, "the configuration file contains no entries")];
  }
  return rulesOf(file).flatMap(({ entry }) => refusedEntry(entry, file.dialect));
}

function refusedEntry(entry: HbaEntry, dialect: Dialect): HbaFinding[] {
  const names = [...entry.databases, ...entry.users].flatMap((token) => refusedName(token, dialect));
  if (names.length > 0) return names;
  const method = postgresqlMethod(entry.method.value, dialect);
  if (method === undefined) return [unknownMethod(entry)];
  const misplaced = misplacedMethod(entry, method);
  if (misplaced.length > 0) return misplaced;
  const options = entry.options.flatMap((option) => refusedOption(option, entry, dialect));
  return options.some((finding) => finding.severity === "error")
    ? options
    : [...options, ...missingOptions(entry, dialect)];
}

function refusedName(token: Token, dialect: Dialect): HbaFinding[] {
  if (!token.value.startsWith("/") || !postgresqlHas(dialect, "regularExpressions")) return [];
  const pattern = token.value.slice(1);
  const problem = checkRegularExpression(pattern);
  if (problem === undefined) return [];
  return [
    error("regular-expression", token, `invalid regular expression "${pattern}": ${problem}`, {
      sqlState: "2201B",
    }),
  ];
}

const NO_MASK = "`all`, `samehost` and `samenet` take no mask";

function unknownMethod({ method, address }: HbaEntry): HbaFinding {
  const maskLike = address !== undefined && address.kind !== "network" && /^[0-9.:/]+$/.test(method.value);
  return error(
    "method-unknown",
    method,
    `invalid authentication method "${method.value}"`,
    maskLike ? { hint: NO_MASK } : {},
  );
}

function misplacedMethod({ method, connection }: HbaEntry, { only, buildDependent }: PostgresqlMethod) {
  if (only !== undefined && !only.connections.includes(connection.type)) {
    return [error("method-misplaced", method, only.otherwise)];
  }
  if (!buildDependent) return [];
  return [
    warning(
      "method-build-dependent",
      method,
      `\`${method.value}\` exists on ${method.value === "sspi" ? "Windows" : "OpenBSD"} only; elsewhere the line is refused with \`invalid authentication method "${method.value}": not supported by this build\``,
    ),
  ];
}

const HIDDEN_ERROR = "pg_hba_file_rules shows the line without an error, yet the file is not loaded";

function refusedOption(option: Option, { method, connection }: HbaEntry, dialect: Dialect): HbaFinding[] {
  const { name, value, token } = option;
  const known = postgresqlOption(name, dialect);
  if (known === undefined) {
    return [error("option-unknown", token, `unrecognized authentication option name: "${name}"`)];
  }
  if (known.methods !== undefined && !known.methods.includes(methodInUse(method.value, connection.type))) {
    const listed = known.listed ?? known.methods.join(", ");
    return [
      error(
        "option-misplaced",
        token,
        `authentication option "${name}" is only valid for authentication methods ${listed}`,
      ),
    ];
  }
  if (known.connection !== undefined && known.connection !== connection.type) {
    return [
      error("option-misplaced", token, `${name} can only be configured for "${known.connection}" rows`),
    ];
  }
  if (name === "clientcert" && value === "verify-ca" && method.value === "cert") {
    return [
      error(
        "option-value",
        token,
        'clientcert can only be set to "verify-full" when using "cert" authentication',
      ),
    ];
  }
  if (known.values !== undefined && !known.values.includes(value)) {
    return [error("option-value", token, `invalid value for ${name}: "${value}"`, { hint: HIDDEN_ERROR })];
  }
  return refusedValue(option);
}

/** `ident` on a socket is read as `peer`. */
function methodInUse(method: string, connection: string): string {
  return method === "ident" && connection === "local" ? "peer" : method;
}

function refusedValue({ name, value, token }: Option): HbaFinding[] {
  const refuse = (message: string, hint?: string) => [
    error("option-value", token, message, hint === undefined ? {} : { hint }),
  ];
  switch (name) {
    case "ldapport":
      return cInteger(value) === 0 ? refuse(`invalid LDAP port number: "${value}"`) : [];
    case "radiusports":
      return value.split(",").some((port) => cInteger(port) === 0)
        ? refuse(`invalid RADIUS port number: "${value}"`, HIDDEN_ERROR)
        : [];
    case "ldapurl": {
      const scheme = /^([a-z]+):\/\//i.exec(value)?.[1]?.toLowerCase();
      if (scheme === "ldap" || scheme === "ldaps") return [];
      return refuse(
        scheme === "ldapi" || scheme === "cldap"
          ? `unsupported LDAP URL scheme: ${scheme}`
          : `could not parse LDAP URL "${value}"`,
      );
    }
    case "ldapscheme":
      return value === "ldap" || value === "ldaps"
        ? []
        : [
            warning(
              "option-value",
              token,
              `invalid ldapscheme value: "${value}"`,
              "the server logs this and goes on",
            ),
          ];
    default:
      return [];
  }
}

/** C's atoi: what it can't read is 0. */
function cInteger(text: string): number {
  return Number(/^\s*[+-]?\d+/.exec(text)?.[0] ?? 0);
}
