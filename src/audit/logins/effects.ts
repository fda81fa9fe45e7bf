import type { AccessFacts } from "../../database/contract/access";
import type { HbaLogin, HbaMatch, Product } from "../../hba";
import { explainPrepared } from "../../hba/match/match";
import { type PreparedRules, prepareRules } from "../../hba/match/prepare";
import { type Change, type Difference, difference } from "./difference";
import { type Logins, loginsUnder } from "./logins";

/** Somebody who could log in before and could not after: every way in of some kind is gone. */
export interface Lockout {
  readonly user: string;
  /** In which way, and the rule that keeps them out. */
  readonly reason: string;
  /** Whether it is this very session that could not come back. */
  readonly ownSession: boolean;
}

/** What new rules mean for a user. */
export interface Effect {
  readonly user: string;
  readonly lockout: Lockout | undefined;
  /** Logins that will fail; where there is no lockout, a narrowing. */
  readonly losses: readonly Change[];
  readonly gains: readonly Change[];
}

/**
 * What becomes of everybody who may log in, exactly; those whom nothing happens to are left out. What cannot be evaluated is no
 * proof of anything. Our own session is tried as it came in, too.
 */
export function effectsOf(before: string, after: string, product: Product, facts: AccessFacts): Effect[] {
  const old = prepareRules(before, product, facts.context);
  const next = prepareRules(after, product, facts.context);
  const loginsOf = loginsUnder([old, next], facts);
  const known = new Map<string, { readonly name: string; readonly difference: Difference }>();
  return facts.roles
    .filter(({ login }) => login)
    .flatMap((role): Effect[] => {
      const { logins, likeness } = loginsOf(role);
      const like = known.get(likeness) ?? { name: role.name, difference: between(logins(), old) };
      known.set(likeness, like);
      const { lockout: lost, losses, gains } = like.difference;
      const own = role.name === facts.own.user ? ownLockout(old, next, facts) : undefined;
      // It may be told of another user with the same changes.
      const reason =
        lost && `${lost.way}: ${reasonOf(lost.now).replaceAll(`\`${like.name}\``, `\`${role.name}\``)}`;
      const lockout =
        own ?? (reason === undefined ? undefined : { user: role.name, reason, ownSession: false });
      return lockout === undefined && losses.length === 0 && gains.length === 0
        ? []
        : [{ user: role.name, lockout, losses, gains }];
    });
}

function between([was, is]: readonly Logins[], old: PreparedRules): Difference {
  return was === undefined || is === undefined ? NOTHING : difference(was, is, old);
}

const NOTHING: Difference = { lockout: undefined, losses: [], gains: [] };

export function findLockouts(before: string, after: string, product: Product, facts: AccessFacts): Lockout[] {
  return effectsOf(before, after, product, facts).flatMap(({ lockout }) => (lockout ? [lockout] : []));
}

/** The server's words would name an address that nobody comes from. */
function reasonOf({ reason, candidates }: HbaMatch): string {
  return candidates.length === 0 ? "no rule is for the user any more" : reason;
}

function ownLockout(
  old: PreparedRules,
  next: PreparedRules,
  { own, roles }: AccessFacts,
): Lockout | undefined {
  const role = roles.find(({ name }) => name === own.user);
  if (role === undefined) return undefined;
  const { storedHash, expired, memberOf } = role;
  const login = { ...own, storedHash, expired, memberOf };
  const now = explainPrepared(next, login).match;
  if (now.outcome !== "fails" || explainPrepared(old, login).match.outcome === "fails") return undefined;
  const reason = `as it is connected now, ${describe(login)}: ${now.reason}`;
  return { user: own.user, reason, ownSession: true };
}

function describe({ address, tls }: HbaLogin): string {
  if (address === "local") return "over a Unix socket";
  return `from ${address}, ${tls ? "with" : "without"} TLS`;
}
