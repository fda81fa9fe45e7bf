import type { AccessFacts, LoginRole } from "../database/contract/access";
import type { Product } from "../hba";
import type { PreparedRules } from "../hba/match/prepare";
import { accessFindings, passwordFindings } from "./access-findings";
import { type Finding, info } from "./finding";
import { hashFindings } from "./hash-findings";
import { loginsUnder } from "./logins/logins";
import { type Matches, matchesOf, mayLogIn } from "./matches";
import { wayFindings } from "./way-findings";
import { type Way, waysOf } from "./ways";

export interface Judgement {
  readonly findings: readonly Finding[];
  /** Absent, as the next one, where it is not known what the rules are. */
  readonly ways?: readonly Way[];
  readonly mayLogIn?: boolean;
}

/** @param rules those in force; `undefined` where they are not known */
export function judgeBy(
  rules: PreparedRules | undefined,
  facts: AccessFacts,
  product: Product,
): (role: LoginRole) => Judgement {
  const matchesFor = rules && matchesUnder(rules, facts);
  return (role) => {
    const unrecognised = isUnrecognised(role, facts);
    const ofHash = hashFindings(role.storedHash, product);
    if (matchesFor === undefined) {
      return { findings: judged(role, product, [...ofHash, ...passwordFindings(role, unrecognised)]) };
    }
    // To a server, what it does not recognise is as good as nothing.
    const tried = unrecognised ? { ...role, storedHash: { kind: "none" } as const } : role;
    const matches = matchesFor(tried);
    const unexpired = role.expired ? matchesFor({ ...tried, expired: false }) : matches;
    const findings = [
      ...ofHash,
      ...accessFindings({ role, unrecognised, matches, unexpired }),
      ...wayFindings(role, matches.decided, facts.context.settings),
    ];
    return { findings: judged(role, product, findings), ways: waysOf(matches), mayLogIn: mayLogIn(matches) };
  };
}

/** Of many roles that are alike, worked out once. */
function matchesUnder(rules: PreparedRules, facts: AccessFacts): (role: LoginRole) => Matches {
  const loginsOf = loginsUnder([rules], facts);
  const known = new Map<string, Matches>();
  return (role) => {
    const { logins, likeness } = loginsOf(role);
    const [under] = known.has(likeness) ? [] : logins();
    if (under !== undefined) known.set(likeness, matchesOf(under, rules));
    return known.get(likeness) as Matches;
  };
}

export function isUnrecognised({ storedHash }: LoginRole, { hashesReadable }: AccessFacts): boolean {
  return hashesReadable && storedHash.kind === "unknown";
}

function judged({ login }: LoginRole, product: Product, findings: readonly Finding[]): readonly Finding[] {
  const by = product === "cockroachdb" ? "NOLOGIN or NOSQLLOGIN" : "NOLOGIN";
  return login ? findings : [info("no-login", `may not log in (${by})`)];
}
