import { atLeast, type Dialect } from "../dialect";
import type { HbaEntry, Option } from "../model";
import { goQuote } from "../parse/go-quote";
import type { Transport } from "../transport";

export interface CockroachdbMethod {
  /** The first version that has it; where only the newest source was read, the newest version. */
  readonly since: string;
  /** Where it can be used. Elsewhere a rule is accepted, and every login that matches it refused. */
  readonly transports: readonly Transport[];
  /** What SET says about the options, in the server's words; undefined when it takes them. */
  readonly refusal?: (entry: HbaEntry) => string | undefined;
}

const ANYWHERE: readonly Transport[] = ["local", "tls", "plain"];

/** The calls of RegisterAuthMethod in pkg/sql/pgwire, gssapiccl and ldapccl. */
const METHODS: Record<string, CockroachdbMethod> = {
  password: { since: "22.1", transports: ANYWHERE, refusal: noOptions },
  cert: { since: "22.1", transports: ["tls"] },
  "cert-password": { since: "22.1", transports: ANYWHERE },
  "scram-sha-256": { since: "22.1", transports: ANYWHERE, refusal: noOptions },
  "cert-scram-sha-256": { since: "22.1", transports: ANYWHERE, refusal: noOptions },
  trust: { since: "22.1", transports: ANYWHERE, refusal: noOptions },
  reject: { since: "22.1", transports: ANYWHERE, refusal: noOptions },
  gss: { since: "22.1", transports: ["tls"], refusal: gssOptions },
  ldap: { since: "24.2.5", transports: ANYWHERE, refusal: ldapOptions },
  peer: { since: "26.1", transports: ["local"] },
};

export interface CockroachdbBuild {
  /**
   * Methods this server's build lacks. `gss` is in the Linux binaries Cockroach Labs ships, not in every build.
   * @default none
   */
  readonly without?: readonly string[];
}

export function cockroachdbMethod(
  name: string,
  dialect: Dialect,
  build: CockroachdbBuild = {},
): CockroachdbMethod | undefined {
  const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (method === undefined || build.without?.includes(name)) return undefined;
  return atLeast(dialect.version, method.since) ? method : undefined;
}

/** The names in the order of the server's hint. */
export function cockroachdbMethods(dialect: Dialect, build: CockroachdbBuild = {}): string[] {
  return Object.keys(METHODS)
    .filter((name) => cockroachdbMethod(name, dialect, build) !== undefined)
    .sort();
}

function noOptions({ method, options }: HbaEntry): string | undefined {
  const written = method.quoted ? `"${method.value}"` : method.value;
  return options.length === 0 ? undefined : `the HBA method ${goQuote(written)} does not accept options`;
}

function gssOptions({ options }: HbaEntry): string | undefined {
  for (const { name, value } of options) {
    if (name === "include_realm" && value !== "0") return `include_realm must be set to 0: ${value}`;
    if (!["include_realm", "krb_realm", "map"].includes(name)) return `unsupported option ${name}`;
  }
  if (options.some(({ name }) => name !== "krb_realm")) return undefined;
  return 'at least one of "include_realm=0" or "map" options required';
}

/** In the order in which a missing one is reported. */
const LDAP_REQUIRED = [
  "ldapserver",
  "ldapport",
  "ldapbasedn",
  "ldapbinddn",
  "ldapbindpasswd",
  "ldapsearchattribute",
  "ldapsearchfilter",
];
/** RFC 4514: pairs of a type and a value, or nothing. A quoted value is not looked into. */
function isDistinguishedName(value: string): boolean {
  if (value === "" || value.includes('"')) return true;
  return value.split(/(?<!\\)[,+;]/).every((pair) => pair.includes("="));
}

const LDAP_FILTER = /\(\s*\S+\s*=\s*\S+.*\)/;

function ldapOptions({ options }: HbaEntry): string | undefined {
  for (const option of options) {
    const { name, value } = option;
    if (name !== "ldapgrouplistfilter" && !LDAP_REQUIRED.includes(name)) {
      return `unknown ldap option provided in hba conf: ${goQuote(name)}`;
    }
    const why = ldapValueRefusal(option);
    if (why !== undefined) {
      return `LDAP option ${goQuote(name)} is set to invalid value: ${goQuote(value)}: ${why}`;
    }
  }
  const missing = LDAP_REQUIRED.find((required) => !options.some(({ name }) => name === required));
  return missing && `ldap option not found in hba entry: ${goQuote(missing)}`;
}

/** Of distinguished names and the server's URL only what Go's parsers surely refuse; the rest is left to the server. */
function ldapValueRefusal({ name, value }: Option): string | undefined {
  switch (name) {
    case "ldapserver":
      return value.startsWith(":") ? "missing protocol scheme" : undefined;
    case "ldapbasedn":
    case "ldapbinddn":
      return isDistinguishedName(value) ? undefined : "DN ended with incomplete type, value pair";
    case "ldapport":
      return value === "389" || value === "636" ? undefined : '"ldapport" is not set to either 389 or 636';
    case "ldapbindpasswd":
    case "ldapsearchattribute":
      return value === "" ? `${goQuote(name)} is set to empty` : undefined;
    case "ldapsearchfilter":
    case "ldapgrouplistfilter":
      return LDAP_FILTER.test(value) ? undefined : `${goQuote(name)} is not of the format "(key = value)"`;
    default:
      return undefined;
  }
}
