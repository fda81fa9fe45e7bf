import { type Dialect, isCockroachdb } from "./dialect";
import { contains, formatIp, formatNetwork, type IpNetwork, parseIp } from "./ip";
import type { HbaMatchContext, Visitor } from "./login";
import type { AddressSpec, Field, HbaEntry, Token } from "./model";
import { nameKind } from "./name-kind";
import { foldName } from "./names";
import { matchesRegularExpression } from "./regular-expression";
import { TRANSPORT_NAMES, transportsOf } from "./transport";

/** Whether a rule matches a login, and why. `unknown`: it depends on something that is not evaluated. */
export interface Judgement {
  readonly matches: "yes" | "no" | "unknown";
  /** The end of a sentence that begins with "because". */
  readonly because: string;
}

const YES: Judgement = { matches: "yes", because: "connection, address, database and user match" };

/** One rule against one login: the first column that says no decides. */
export function matchEntry(
  entry: HbaEntry,
  visitor: Visitor,
  context: HbaMatchContext,
  dialect: Dialect,
): Judgement {
  const judgements = [
    judgeConnection(entry, visitor, dialect),
    judgeAddress(entry.address, visitor, context),
    judgeDatabase(entry.databases, visitor, dialect),
    judgeUser(entry.users, visitor, dialect),
  ];
  return (
    judgements.find(({ matches }) => matches === "no") ??
    judgements.find(({ matches }) => matches === "unknown") ??
    YES
  );
}

function judgeConnection({ connection: { type } }: HbaEntry, { transport }: Visitor, dialect: Dialect) {
  if (type === "loopback") return no("the rule is for the server's connections to itself");
  if (transportsOf(type, dialect).includes(transport)) return YES;
  return no(`the rule is for \`${type}\` connections, and this one comes ${TRANSPORT_NAMES[transport]}`);
}

function judgeAddress(
  address: AddressSpec | undefined,
  { ip }: Visitor,
  context: HbaMatchContext,
): Judgement {
  if (address === undefined || ip === undefined || address.kind === "all") return YES;
  const client = formatIp(ip);
  switch (address.kind) {
    case "network":
      return contains(address.network, ip)
        ? YES
        : no(`${client} is not in ${formatNetwork(address.network)}`);
    case "host":
      return judgeHostName(address.token.value, client, context.hostName);
    default:
      return judgeInterfaces(address.kind, ip, context.interfaces);
  }
}

function judgeHostName(pattern: string, client: string, hostName: string | undefined): Judgement {
  if (pattern === "") return no("an empty host name matches nothing");
  if (hostName === undefined) return unknown(`the host name of ${client} is not looked up`);
  const [wanted, name] = [pattern.toLowerCase(), hostName.toLowerCase()];
  const matches = wanted.startsWith(".") ? name.endsWith(wanted) : name === wanted;
  return matches ? YES : no(`the client's host name \`${hostName}\` is not \`${pattern}\``);
}

function judgeInterfaces(
  kind: "samehost" | "samenet",
  ip: NonNullable<Visitor["ip"]>,
  interfaces: HbaMatchContext["interfaces"],
): Judgement {
  const client = formatIp(ip);
  // Every machine has these two on its loopback interface.
  if (client === "127.0.0.1" || client === "::1") return YES;
  if (interfaces === undefined) return unknown("the server's network interfaces are not known");
  const matches = interfaces.some(({ address, netmask }) => {
    const network = interfaceNetwork(address, kind === "samenet" ? netmask : undefined);
    return network !== undefined && contains(network, ip);
  });
  return matches
    ? YES
    : no(`${client} is not the server's own ${kind === "samehost" ? "address" : "network"}`);
}

function interfaceNetwork(address: string, netmask: string | undefined): IpNetwork | undefined {
  const ip = parseIp(address.replace(/%.*$/, ""));
  const mask = netmask === undefined ? undefined : parseIp(netmask);
  if (ip === undefined) return undefined;
  return {
    family: ip.family,
    base: ip.bits,
    mask: mask?.bits ?? (ip.family === 4 ? 0xffffffffn : (1n << 128n) - 1n),
  };
}

function judgeDatabase(databases: Field, visitor: Visitor, dialect: Dialect): Judgement {
  // CockroachDB drops the column; SET sees to it that it says `all`.
  if (isCockroachdb(dialect)) return YES;
  return anyOf(
    databases.map((token) => databaseMatches(token, visitor, dialect)),
    `the database \`${visitor.database}\` is not among \`${list(databases)}\``,
  );
}

type Answer = boolean | string;

/** True, false, or why it is not known. */
function databaseMatches(token: Token, visitor: Visitor, dialect: Dialect): Answer {
  const { user, database, replication } = visitor;
  const kind = nameKind(token, "database", dialect);
  if (kind === "file") return `the file \`${token.value.slice(1)}\` is not read`;
  if (replication) return kind === "keyword" && token.value === "replication";
  switch (kind) {
    case "all":
      return true;
    case "keyword":
      if (token.value === "replication") return false;
      return token.value === "sameuser" ? database === user : isMember(database, visitor);
    case "pattern":
      return patternMatches(token, database);
    default:
      return token.value === database;
  }
}

function judgeUser(users: Field, visitor: Visitor, dialect: Dialect): Judgement {
  return anyOf(
    users.map((token) => userMatches(token, visitor, dialect)),
    `the user \`${visitor.user}\` is not among \`${list(users)}\``,
  );
}

function userMatches(token: Token, visitor: Visitor, dialect: Dialect): Answer {
  switch (nameKind(token, "user", dialect)) {
    case "all":
      return true;
    case "file":
      return `the file \`${token.value.slice(1)}\` is not read`;
    case "member":
      return isMember(token.value.slice(1), visitor);
    case "pattern":
      return patternMatches(token, visitor.user);
    default:
      return (isCockroachdb(dialect) ? foldName(token.value) : token.value) === visitor.user;
  }
}

/** A role counts as a member of itself; a superuser is not taken for a member of everything. */
function isMember(role: string, { user, memberOf, exists = true }: Visitor): Answer {
  if (!exists || role === "") return false;
  if (role === user) return true;
  return memberOf?.includes(role) ?? `the roles of \`${user}\` are not known`;
}

function patternMatches(token: Token, name: string): Answer {
  return (
    matchesRegularExpression(token.value.slice(1), name) ??
    `the regular expression \`${token.value.slice(1)}\` is not evaluated`
  );
}

function anyOf(answers: readonly Answer[], otherwise: string): Judgement {
  if (answers.includes(true)) return YES;
  const open = answers.find((answer) => typeof answer === "string");
  return open === undefined ? no(otherwise) : unknown(open);
}

function list(field: Field): string {
  return field.map((token) => token.raw).join(",");
}

function no(because: string): Judgement {
  return { matches: "no", because };
}

function unknown(because: string): Judgement {
  return { matches: "unknown", because };
}
