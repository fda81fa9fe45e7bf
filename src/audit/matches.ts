import type { EffectiveRule, HbaMatch, Verdict } from "../hba";
import type { PreparedRules } from "../hba/match/prepare";
import type { Logins } from "./logins/logins";

export type Decided = HbaMatch & Required<Pick<HbaMatch, "rule" | "method">>;

/** What comes of a role's logins, wherever from. */
export interface Matches {
  /** One for each rule that decides somewhere, each thing asked under it and each outcome; in the order of the rules. */
  readonly decided: readonly Decided[];
  /** Where no rule surely decides: what is not known there. */
  readonly undecided: readonly HbaMatch[];
}

/** Ignores failures whose only cause is a missing client certificate. */
export function matchesOf(logins: Logins, rules: PreparedRules): Matches {
  const decided = new Map<string, Decided>();
  const undecided = new Map<string, HbaMatch>();
  const place = new Map(rules.lines.map((line, i) => [line, i]));
  for (const match of logins.flatMap(({ byDoor }) => byDoor.flatMap((each) => [...each.matches()]))) {
    const { rule, method, asks, outcome, candidates } = match;
    const key = [...candidates.map((line) => place.get(line)), asks, outcome].join(" ");
    if (rule !== undefined && method !== undefined) {
      if (!decided.has(key)) decided.set(key, { ...match, rule, method });
    } else if (candidates.length > 0 || outcome !== "fails") {
      if (!undecided.has(key)) undecided.set(key, match);
    }
  }
  const all = [...decided.values()].sort((a, b) => (place.get(a.rule) ?? 0) - (place.get(b.rule) ?? 0));
  const open = new Set(all.filter(isOpen).map(({ rule }) => rule));
  return {
    decided: all.filter((match) => isOpen(match) || mayAskPassword(match) || !open.has(match.rule)),
    undecided: [...undecided.values()],
  };
}

export function isOpen({ outcome }: Verdict): boolean {
  return outcome !== "fails";
}

export function asksPassword({ asks }: Verdict): boolean {
  return asks === "scram-sha-256" || asks === "md5-password" || asks === "cleartext-password";
}

export function mayAskPassword(verdict: Verdict): boolean {
  return asksPassword(verdict) || verdict.asks === "unknown";
}

/** Whether some way in is open, or may be. */
export function mayLogIn({ decided, undecided }: Matches): boolean {
  return decided.some(isOpen) || undecided.some(isOpen);
}

/** `line 3 (trust)`, of each rule once. */
export function placesOf(matches: readonly Decided[]): string {
  return [...new Set(matches.map((match) => `${placeOf(match.rule)} (${match.method})`))].join(", ");
}

export function placeOf({ line }: EffectiveRule): string {
  return line === undefined ? "a built-in rule" : `line ${line}`;
}
