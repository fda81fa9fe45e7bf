import { type Dialect, postgresqlHas } from "../dialect";
import { type PostgresqlOption, postgresqlMethod, postgresqlOption } from "../methods/postgresql";
import type { HbaEntry, Option, Token } from "../model";
import { checkRegularExpression } from "../regular-expression/regular-expression";
import { missingOption } from "./missing-options";
import { HbaSyntaxError } from "./syntax-error";

/**
 * What PostgreSQL's parse_hba_line refuses beyond the grammar. The parser calls these as it goes, so that a line's
 * error is the one the server reports. One such line, and the server keeps its old rules or does not start.
 */
export function checkName(token: Token, dialect: Dialect): void {
  if (!token.value.startsWith("/") || !postgresqlHas(dialect, "regularExpressions")) return;
  const pattern = token.value.slice(1);
  const problem = checkRegularExpression(pattern);
  if (problem === undefined) return;
  throw new HbaSyntaxError(
    "regular-expression",
    token,
    `invalid regular expression "${pattern}": ${problem}`,
    {
      sqlState: "2201B",
    },
  );
}

type Columns = Pick<HbaEntry, "connection" | "address" | "method">;

const NO_MASK = "`all`, `samehost`, `samenet` and a network in CIDR notation take no mask";

export function checkMethod({ method, connection, address }: Columns, dialect: Dialect): void {
  // The server reads the method from that file.
  if (!method.quoted && /^@./.test(method.value)) return;
  const known = postgresqlMethod(method.value, dialect);
  if (known === undefined) {
    const maskLike = address !== undefined && /^[0-9][0-9.]*$|:/.test(method.value);
    throw new HbaSyntaxError(
      "method-unknown",
      method,
      `invalid authentication method "${method.value}"`,
      maskLike ? { hint: NO_MASK } : {},
    );
  }
  if (known.only !== undefined && !known.only.connections.includes(connection.type)) {
    throw new HbaSyntaxError("method-misplaced", method, known.only.otherwise);
  }
}

/** Said of errors that the server logs, and its view does not show. */
const HIDDEN = "pg_hba_file_rules shows the line without an error, yet the file is not loaded";

export function checkOption(option: Option, { method, connection }: Columns, dialect: Dialect): void {
  const { name, value, token } = option;
  const refuse = (code: string, problem: string, hint?: string) =>
    new HbaSyntaxError(code, token, problem, hint === undefined ? {} : { hint });
  const known = postgresqlOption(name, dialect);
  if (known === undefined)
    throw refuse("option-unknown", `unrecognized authentication option name: "${name}"`);
  const inUse = method.value === "ident" && connection.type === "local" ? "peer" : method.value;
  if (known.methods !== undefined && !known.methods.includes(inUse)) {
    const listed = known.listed ?? known.methods.join(", ");
    throw refuse(
      "option-misplaced",
      `authentication option "${name}" is only valid for authentication methods ${listed}`,
    );
  }
  if (known.connection !== undefined && known.connection !== connection.type) {
    throw refuse("option-misplaced", `${name} can only be configured for "${known.connection}" rows`);
  }
  if (name === "clientcert" && value === "verify-ca" && method.value === "cert") {
    throw refuse(
      "option-value",
      'clientcert can only be set to "verify-full" when using "cert" authentication',
    );
  }
  const problem = valueProblem(option, known);
  if (problem !== undefined) throw refuse("option-value", problem.text, problem.hidden ? HIDDEN : undefined);
}

function valueProblem({ name, value }: Option, { values }: PostgresqlOption) {
  if (values !== undefined && !values.includes(value)) {
    return { text: `invalid value for ${name}: "${value}"`, hidden: true };
  }
  switch (name) {
    case "ldapport":
      return cInteger(value) === 0 ? { text: `invalid LDAP port number: "${value}"` } : undefined;
    case "radiusports":
      return value.split(",").some((port) => cInteger(port) === 0)
        ? { text: `invalid RADIUS port number: "${value}"`, hidden: true }
        : undefined;
    case "ldapurl":
      return ldapUrlProblem(value);
    default:
      return undefined;
  }
}

function ldapUrlProblem(url: string) {
  const scheme = /^([a-z]+):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme === "ldap" || scheme === "ldaps") return undefined;
  return {
    text:
      scheme === "ldapi" || scheme === "cldap"
        ? `unsupported LDAP URL scheme: ${scheme}`
        : `could not parse LDAP URL "${url}"`,
    hidden: false,
  };
}

/** C's atoi: what it can't read is 0. */
function cInteger(text: string): number {
  return Number(/^\s*[+-]?\d+/.exec(text)?.[0] ?? 0);
}

export function checkComplete({ method }: Columns, options: readonly Option[], dialect: Dialect): void {
  const problem = missingOption(method.value, options, dialect);
  if (problem !== undefined) throw new HbaSyntaxError("option-missing", method, problem);
}
