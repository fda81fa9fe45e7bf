import { waysIn } from "../../audit/ways-in";
import type { AccessFacts } from "../../database/access";
import { type HbaFile, type HbaLogin, matchHba, type Product, parseHbaLeniently } from "../../hba";

/** Somebody who could log in before and could not after. */
export interface Lockout {
  readonly user: string;
  /** In which way, and the rule that keeps them out. */
  readonly reason: string;
  /** Whether it is this very session that could not come back. */
  readonly ownSession: boolean;
}

/**
 * Who would lose a kind of way in: somebody who got in that way before for sure, and fails in all of that kind for sure.
 * What cannot be evaluated is no proof of either. Our own session is tried as it came in, too.
 */
export function findLockouts(before: string, after: string, product: Product, facts: AccessFacts): Lockout[] {
  const version = facts.context.version === undefined ? {} : { version: facts.context.version };
  const [old, next] = [before, after].map((text) => parseHbaLeniently(text, product, version)) as [
    HbaFile,
    HbaFile,
  ];
  const into = (file: HbaFile, login: HbaLogin) => matchHba(file, login, product, facts.context);
  const lockouts: Lockout[] = [];

  for (const role of facts.roles.filter(({ login }) => login)) {
    const reasons: string[] = [];
    let ownSession = false;
    if (role.name === facts.own.user) {
      const { storedHash, expired, memberOf } = role;
      const login = { ...facts.own, storedHash, expired, memberOf };
      const now = into(next, login);
      if (now.outcome === "fails" && into(old, login).outcome !== "fails") {
        ownSession = true;
        reasons.push(`as it is connected now, ${describe(login)}: ${now.reason}`);
      }
    }
    const ways = reasons.length > 0 ? [] : waysIn(role, [old, next], facts);
    for (const { kind, logins, instead } of ways) {
      const entered = logins.find((login) => into(old, login).outcome === "succeeds");
      if (entered === undefined) continue;
      if ([...logins, ...instead].every((login) => into(next, login).outcome === "fails")) {
        reasons.push(`${kind}: ${into(next, entered).reason}`);
      }
    }
    const [reason] = reasons;
    if (reason !== undefined) lockouts.push({ user: role.name, reason, ownSession });
  }
  return lockouts;
}

function describe({ address, tls }: HbaLogin): string {
  if (address === "local") return "over a Unix socket";
  return `from ${address}, ${tls ? "with" : "without"} TLS`;
}
