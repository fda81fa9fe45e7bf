import type { AccessFacts, LoginRole } from "../../database/access";
import {
  type HbaFile,
  type HbaLogin,
  type HbaMatch,
  matchHba,
  type Product,
  parseHbaLeniently,
} from "../../hba";

/** Somebody who could log in before and could not after. */
export interface Lockout {
  readonly user: string;
  /** The rule that keeps them out, and why. */
  readonly reason: string;
}

/** Addresses outside every network that rules are written for: documentation ranges, RFC 5737 and RFC 3849. */
const ELSEWHERE = ["203.0.113.1", "2001:db8::1"];

/**
 * Who would lose every way in. A role is tried over every kind of connection, from this session's address and from one
 * address of each network that a rule names; our own session also as it came in. Who got in before for sure and fails
 * everywhere for sure is locked out; what cannot be evaluated is no proof of either.
 */
export function findLockouts(before: string, after: string, product: Product, facts: AccessFacts): Lockout[] {
  const [old, next] = [before, after].map((text) => parseHbaLeniently(text, product, versionOf(facts))) as [
    HbaFile,
    HbaFile,
  ];
  const way = (file: HbaFile) => (login: HbaLogin) => matchHba(file, login, product, facts.context);
  const own = facts.roles.find(({ name }) => name === facts.own.user);
  const lockouts: Lockout[] = [];
  if (own) {
    const login = loginOf(own, facts.own);
    const now = way(next)(login);
    if (now.outcome === "fails" && way(old)(login).outcome !== "fails") {
      lockouts.push({
        user: own.name,
        reason: `as it is connected now (${describe(login)}): ${explain(now)}`,
      });
    }
  }
  const ways = waysIn(old, next, facts);
  for (const role of facts.roles) {
    if (lockouts.some(({ user }) => user === role.name)) continue;
    const logins = ways.map((from) => loginOf(role, from));
    const entered = logins.filter((login) => way(old)(login).outcome === "succeeds");
    if (entered.length === 0) continue;
    const matches = logins.map(way(next));
    if (matches.every(({ outcome }) => outcome === "fails")) {
      const first = way(next)(entered[0] as HbaLogin);
      lockouts.push({ user: role.name, reason: explain(first) });
    }
  }
  return lockouts;
}

type Way = Pick<HbaLogin, "database" | "address" | "tls" | "clientCertificate">;

function waysIn(old: HbaFile, next: HbaFile, { own }: AccessFacts): Way[] {
  const addresses = new Set(
    [own.address, ...ELSEWHERE, ...[old, next].flatMap(namedAddresses)].filter((a) => a !== "local"),
  );
  const databases = new Set([own.database, ...[old, next].flatMap(namedDatabases)]);
  // From elsewhere first: that is how most users come, so theirs is the reason to give.
  return [...databases].flatMap((database) => [
    ...[...addresses].flatMap((address) => [true, false].map((tls) => ({ database, address, tls }))),
    { database, address: "local", tls: false },
  ]);
}

function namedAddresses(file: HbaFile): string[] {
  return file.lines.flatMap((line) => {
    if (line.kind !== "rule" || line.entry.address?.kind !== "network") return [];
    return [line.entry.address.token.value.replace(/\/.*$/, "")];
  });
}

function namedDatabases(file: HbaFile): string[] {
  return file.lines.flatMap((line) =>
    line.kind === "rule"
      ? line.entry.databases.filter(({ value }) => /^\w+$/.test(value)).map(({ value }) => value)
      : [],
  );
}

function loginOf(role: LoginRole, way: Way): HbaLogin {
  return {
    ...way,
    user: role.name,
    storedHash: role.storedHash,
    expired: role.expired,
    memberOf: role.memberOf,
  };
}

function versionOf({ context }: AccessFacts): { version?: string } {
  return context.version === undefined ? {} : { version: context.version };
}

function explain({ rule, reason }: HbaMatch): string {
  return rule?.line === undefined ? reason : `line ${rule.line}: ${reason}`;
}

function describe({ address, tls }: HbaLogin): string {
  if (address === "local") return "over a Unix socket";
  return `from ${address}, ${tls ? "with" : "without"} TLS`;
}
