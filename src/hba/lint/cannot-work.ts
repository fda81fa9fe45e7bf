import { type Dialect, isCockroachdb } from "../dialect";
import { cockroachdbMethod } from "../methods/cockroachdb";
import type { HbaEntry } from "../model";
import { transportsOf } from "../transport";
import { type HbaFinding, info, warning } from "./finding";

/** Rules the server takes although they can't do what they say. */
export function cannotWork(entry: HbaEntry, dialect: Dialect): HbaFinding[] {
  return isCockroachdb(dialect)
    ? unusableMethod(entry, dialect)
    : [...numericHostName(entry), ...dependsOnServer(entry)];
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

/** Digits and dots, or colons, that make no address: what is left is a host name nobody has. */
function numericHostName({ address }: HbaEntry): HbaFinding[] {
  if (address?.kind !== "host" || !/^[0-9.]*$|:/.test(address.token.value)) return [];
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
  const system = Object.hasOwn(BUILT_ON, method.value) ? BUILT_ON[method.value] : undefined;
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
