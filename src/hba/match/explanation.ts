import type { ColumnMatch } from "./column-match";
import type { EffectiveLine, EffectiveRule } from "./effective";
import type { Verdict } from "./verdict";

export interface HbaMatch extends Verdict {
  /** The rule that decides. Absent when none matches, or when several may. */
  readonly rule?: EffectiveRule;
  /** The method of that rule. */
  readonly method?: string;
  /** Lines that may decide, in order: those that may match, depending on what is not evaluated, and the first sure one. */
  readonly candidates: readonly EffectiveLine[];
  /** One sentence. */
  readonly reason: string;
  /** Why the server does not go by the text at all. */
  readonly notUsed?: string;
}

/** One line of the server's rules and what it has to do with a login. */
export interface ExplainedLine extends ColumnMatch {
  readonly line: EffectiveLine;
  /** Whether the server looks at it: no when a rule before it matches. */
  readonly reached: boolean;
}

export interface HbaExplanation {
  readonly match: HbaMatch;
  readonly lines: readonly ExplainedLine[];
}
