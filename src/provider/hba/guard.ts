import { waysInto } from "../../audit/ways-in";
import type { AccessFacts } from "../../database/access";
import type { HbaLogin, Product } from "../../hba";
import { explainPrepared } from "../../hba/match/match";
import { prepareRules } from "../../hba/match/prepare";

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
  const old = prepareRules(before, product, facts.context);
  const next = prepareRules(after, product, facts.context);
  const waysOf = waysInto([old, next], facts);
  const lockouts: Lockout[] = [];

  for (const role of facts.roles.filter(({ login }) => login)) {
    const reasons: string[] = [];
    let ownSession = false;
    if (role.name === facts.own.user) {
      const { storedHash, expired, memberOf } = role;
      const login = { ...facts.own, storedHash, expired, memberOf };
      const now = explainPrepared(next, login).match;
      if (now.outcome === "fails" && explainPrepared(old, login).match.outcome !== "fails") {
        ownSession = true;
        reasons.push(`as it is connected now, ${describe(login)}: ${now.reason}`);
      }
    }
    const ways = reasons.length > 0 ? [] : waysOf(role);
    for (const { kind, attempts, instead } of ways) {
      const entered = attempts.find((attempt) => attempt.into(old).outcome === "succeeds");
      if (entered === undefined) continue;
      if ([...attempts, ...instead].every((attempt) => attempt.into(next).outcome === "fails")) {
        const { reason, candidates } = entered.into(next);
        // The server's words would name an address that nobody comes from.
        reasons.push(`${kind}: ${candidates.length === 0 ? "no rule is for the user any more" : reason}`);
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
