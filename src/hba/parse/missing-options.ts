import { type Dialect, postgresqlHas } from "../dialect";
import type { Option } from "../model";

type Values = ReadonlyMap<string, string>;

/** What PostgreSQL misses or finds contradictory among a rule's options, in its words. */
export function missingOption(
  method: string,
  options: readonly Option[],
  dialect: Dialect,
): string | undefined {
  const values: Values = new Map(options.map(({ name, value }) => [name, value]));
  return Object.hasOwn(MANDATORY, method) ? MANDATORY[method]?.(values, dialect) : undefined;
}

const MANDATORY: Record<string, (values: Values, dialect: Dialect) => string | undefined> = {
  ldap: missingForLdap,
  radius: missingForRadius,
  oauth: (values) =>
    requires("oauth", "scope", values) ??
    requires("oauth", "issuer", values) ??
    (values.get("delegate_ident_mapping") === "1" && values.has("map")
      ? "map cannot be used in combination with delegate_ident_mapping"
      : undefined),
};

function requires(method: string, option: string, values: Values): string | undefined {
  return values.has(option)
    ? undefined
    : `authentication method "${method}" requires argument "${option}" to be set`;
}

const SEARCH_AND_BIND = [
  "ldapbasedn",
  "ldapbinddn",
  "ldapbindpasswd",
  "ldapsearchattribute",
  "ldapsearchfilter",
] as const;

function missingForLdap(given: Values, dialect: Dialect): string | undefined {
  const values = new Map([...given, ...ldapUrl(given.get("ldapurl"))]);
  if (values.has("ldapprefix") || values.has("ldapsuffix")) {
    if (!SEARCH_AND_BIND.some((option) => values.has(option))) return undefined;
    return postgresqlHas(dialect, "ldapModesMessage")
      ? "cannot mix options for simple bind and search+bind modes"
      : "cannot use ldapbasedn, ldapbinddn, ldapbindpasswd, ldapsearchattribute, ldapsearchfilter, or ldapurl together with ldapprefix";
  }
  if (!values.has("ldapbasedn")) {
    return 'authentication method "ldap" requires argument "ldapbasedn", "ldapprefix", or "ldapsuffix" to be set';
  }
  return values.has("ldapsearchattribute") && values.has("ldapsearchfilter")
    ? "cannot use ldapsearchattribute together with ldapsearchfilter"
    : undefined;
}

/** RFC 4516: `ldap://host/dn?attributes?scope?filter`; each part that is there sets an option. */
function ldapUrl(url: string | undefined): [string, string][] {
  const [, dn, attribute, filter] =
    /^[a-z]+:\/\/[^/]*(?:\/([^?]*)(?:\?([^?]*)(?:\?[^?]*(?:\?([^?]*))?)?)?)?/i.exec(url ?? "") ?? [];
  const parts: [string, string | undefined][] = [
    ["ldapbasedn", dn],
    ["ldapsearchattribute", attribute],
    ["ldapsearchfilter", filter],
  ];
  return parts.flatMap(([name, value]) => (value ? [[name, value]] : []));
}

function missingForRadius(values: Values): string | undefined {
  const count = (option: string) =>
    (values.get(option) ?? "").split(",").filter((item) => item.trim()).length;
  // An empty list is stored as none, so the server calls it missing.
  const servers = count("radiusservers");
  if (servers === 0) return requires("radius", "radiusservers", new Map());
  if (count("radiussecrets") === 0) return requires("radius", "radiussecrets", new Map());
  const lists = [
    ["radiussecrets", "secrets"],
    ["radiusports", "ports"],
    ["radiusidentifiers", "identifiers"],
  ] as const;
  for (const [option, name] of lists) {
    const length = count(option);
    if (length > 1 && length !== servers) {
      return `the number of RADIUS ${name} (${length}) must be 1 or the same as the number of RADIUS servers (${servers})`;
    }
  }
  return undefined;
}
