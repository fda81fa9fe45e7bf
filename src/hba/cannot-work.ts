import { type Dialect, isCockroachdb } from "./dialect";
import { type HbaFinding, info, warning } from "./finding";
import { cockroachdbMethod } from "./methods-cockroachdb";
import { type HbaEntry, isKeyword, type Token } from "./model";
import { nameKind } from "./name-kind";
import { canBeCockroachdbUser, foldName } from "./names";
import { transportsOf } from "./transport";

/** Rules the server takes although they can't do what they say. */
export function cannotWork(entry: HbaEntry, dialect: Dialect): HbaFinding[] {
  const forProduct = isCockroachdb(dialect)
    ? [...unusableMethod(entry, dialect), ...entry.users.flatMap(neverMatches)]
    : [...quotedNames(entry, dialect), ...numericHostName(entry), ...dependsOnServer(entry)];
  return [...forProduct, ...mistakenKeywords(entry), ...forgottenNames(entry)];
}

function unusableMethod({ connection, method }: HbaEntry, dialect: Dialect): HbaFinding[] {
  const usable = cockroachdbMethod(method.value, dialect)?.transports;
  if (usable === undefined) return [];
  const transports = transportsOf(connection.type, dialect);
  const refused = transports.filter((transport) => !usable.includes(transport));
  if (refused.length === 0) return [];
  const consequence = `is refused with \`method "${method.value}" required for this user, but unusable over this connection type\``;
  if (refused.length === transports.length) {
    return [
      warning(
        "method-unusable",
        method,
        `\`${method.value}\` can't be used on \`${connection.type}\` connections: every login that matches ${consequence}`,
      ),
    ];
  }
  return [
    info(
      "method-unusable-without-tls",
      method,
      `A login without TLS that matches this rule ${consequence}; it does not go on to the next rule`,
      "write `hostssl`",
    ),
  ];
}

/** Prefixes with a meaning in PostgreSQL only. */
const POSTGRESQL_ONLY: Record<string, string> = {
  "+": "no role membership",
  "@": "no files of names",
  "/": "no regular expressions",
};

function neverMatches(token: Token): HbaFinding[] {
  if (isKeyword(token, "all")) return [];
  const name = foldName(token.value);
  const unsupported = POSTGRESQL_ONLY[name.charAt(0)];
  if (unsupported !== undefined) {
    return [
      warning(
        "user-never-matches",
        token,
        `\`${token.raw}\` never matches: CockroachDB knows ${unsupported} in its rules and takes this for a name`,
        "list the users one by one",
      ),
    ];
  }
  if (!canBeCockroachdbUser(token.value)) {
    return [
      warning("user-never-matches", token, `\`${token.raw}\` never matches, for no user can have that name`),
    ];
  }
  if (name !== "admin") return [];
  return [
    warning(
      "user-never-matches",
      token,
      "`admin` is a role: it does not log in itself, and the rule does not match its members",
      "list the users one by one",
    ),
  ];
}

/** Quotes take the meaning of `+role` and `@file` in PostgreSQL, but not that of `/pattern`. */
function quotedNames(entry: HbaEntry, dialect: Dialect): HbaFinding[] {
  return entry.users.flatMap((token) => {
    if (!token.quoted) return [];
    if (nameKind(token, "user", dialect) === "pattern") {
      return [
        info("quoted-pattern", token, `\`${token.raw}\` is a regular expression although it is quoted`),
      ];
    }
    return /^[+@]./.test(token.value)
      ? [info("quoted-name", token, `\`${token.raw}\` is the user of that very name, because it is quoted`)]
      : [];
  });
}

function numericHostName({ address }: HbaEntry): HbaFinding[] {
  if (address?.kind !== "host" || !/^[0-9a-fx.:%]*[0-9][0-9a-fx.:%]*$|^$/i.test(address.token.value))
    return [];
  if (/[g-z]/i.test(address.token.value.replace(/0x/gi, ""))) return [];
  if (!/^$|^[0-9.]+$|:/.test(address.token.value)) return [];
  return [
    warning(
      "address-not-numeric",
      address.token,
      `\`${address.token.raw}\` is no valid IP address, so it is taken for a host name and never matches`,
    ),
  ];
}

/** Rules that are fine on one server and refused or pointless on another. */
function dependsOnServer({ method, options }: HbaEntry): HbaFinding[] {
  const findings: HbaFinding[] = [];
  const system = BUILT_ON[method.value];
  if (system !== undefined) {
    const text = `\`${method.value}\` exists on ${system} only; other servers refuse the line: invalid authentication method "${method.value}": not supported by this build`;
    findings.push(warning("method-build-dependent", method, text));
  }
  if (method.value === "oauth") {
    const text =
      "`oauth` also needs `oauth_validator_libraries` to be set; without it the server refuses the line";
    findings.push(info("oauth-validator", method, text));
  }
  const scheme = options.find(({ name }) => name === "ldapscheme");
  if (scheme !== undefined && scheme.value !== "ldap" && scheme.value !== "ldaps") {
    const text = `invalid ldapscheme value: "${scheme.value}"`;
    findings.push(warning("option-value", scheme.token, text, "the server logs this and takes the rule"));
  }
  return findings;
}

const BUILT_ON: Record<string, string> = { sspi: "Windows", bsd: "OpenBSD" };

const KEYWORDS = {
  databases: ["all", "sameuser", "samerole", "samegroup", "replication"],
  users: ["all"],
  address: ["all", "samehost", "samenet"],
} as const;

/** `ALL`, and `"all"` where it can only be meant as the keyword. */
function mistakenKeywords({ databases, users, address }: HbaEntry): HbaFinding[] {
  const columns = [
    ...databases.map((token) => ({ token, words: KEYWORDS.databases, as: "database" })),
    ...users.map((token) => ({ token, words: KEYWORDS.users, as: "user" })),
    ...(address?.kind === "host" ? [{ token: address.token, words: KEYWORDS.address, as: "host" }] : []),
  ];
  return columns.flatMap(({ token, words, as }) => {
    const word = words.find((keyword) => keyword === token.value.toLowerCase());
    if (word === undefined || isKeyword(token, word)) return [];
    const reason = token.quoted ? "is quoted" : "is not in lower case";
    return [
      warning(
        "keyword-mistaken",
        token,
        `\`${token.raw}\` is the ${as} of that name, not the keyword \`${word}\`, because it ${reason}`,
      ),
    ];
  });
}

/** `all` among other users: the others say nothing. */
function forgottenNames({ users }: HbaEntry): HbaFinding[] {
  const all = users.find((token) => isKeyword(token, "all"));
  if (all === undefined || users.length === 1) return [];
  return [
    info("users-forgotten", all, "`all` matches every user, so the other names in the list say nothing"),
  ];
}
