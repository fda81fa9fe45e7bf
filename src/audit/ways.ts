import type { EffectiveRule, Verdict } from "../hba";
import type { Matches } from "./matches";

/** A rule by which a user may log in, and the outcome. */
export interface Way {
  /** Of the rules' text; absent for a rule that CockroachDB adds in memory. */
  readonly line?: number;
  /** The rule in one line, secrets hidden. */
  readonly rule: string;
  readonly method: string;
  readonly asks: Verdict["asks"];
  readonly outcome: Verdict["outcome"];
  /** Whether it decides depends on what is not known: on an included file, or a host name. Then the other two are `unknown`. */
  readonly uncertain?: true;
}

/** In the order of the rules. */
export function waysOf({ decided, undecided }: Matches): Way[] {
  const sure = new Set(decided.map(({ rule }) => rule));
  const candidates = new Set(undecided.flatMap((match) => match.candidates));
  const uncertain = [...candidates].flatMap((line): Way[] => {
    if (line.kind === "include" || sure.has(line)) return [];
    const method = line.entry.method.value;
    return [{ ...placeOf(line), method, asks: "unknown", outcome: "unknown", uncertain: true }];
  });
  return [
    ...decided.map(({ rule, method, asks, outcome }) => ({ ...placeOf(rule), method, asks, outcome })),
    ...uncertain,
  ].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

function placeOf({ line, text }: EffectiveRule): Pick<Way, "line" | "rule"> {
  return { ...(line !== undefined && { line }), rule: text };
}
