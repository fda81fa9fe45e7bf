import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkRegularExpression,
  matchesRegularExpression,
} from "../../../src/hba/regular-expression/regular-expression";

/** Pattern, name, what PostgreSQL's `~` says in the C collation; undefined: not evaluated. */
const ROWS: [pattern: string, name: string, matches: boolean | undefined][] = [
  ["", "x", true],
  ["b", "abc", true],
  ["^b", "abc", false],
  ["c$", "abc", true],
  ["^abc$", "abc", true],
  ["ABC", "abc", false],
  ["a.c", "abc", true],
  ["a.c", "ac", false],
  ["a*b+c?", "bb", true],
  ["^(ab|cd)+$", "abcdab", true],
  ["^(?:ab|cd){2}$", "abcd", true],
  ["^a{2,}$", "a", false],
  ["^a{2,}$", "aaa", true],
  ["^a{0,2}$", "aaa", false],
  ["^a{,2}$", "a{,2}", true],
  ["a|", "x", true],
  ["^()$", "", true],
  ["^a*?$", "aa", true],
  ["^[a-c]+$", "abc", true],
  ["^[^a-c]+$", "abx", false],
  ["^[]a]+$", "]a", true],
  ["^[a-]+$", "a-", true],
  ["^[[:alpha:]_]+$", "a_B", true],
  ["^[[:alpha:]]$", "é", false],
  ["^[\\d_]+$", "1_2", true],
  ["^\\w+$", "a_1", true],
  ["^\\w+$", "é", false],
  ["^\\W$", "é", true],
  ["^.$", "🦊", true],
  ["a\\.b", "a.b", true],
  ["a\\.b", "axb", false],
  ["]}", "]}", true],
  ["(a)\\1", "aa", undefined],
  ["a(?=b)", "ab", undefined],
  ["\\mab", "ab", undefined],
  ["(?i)AB", "ab", undefined],
  ["***=a.b", "a.b", undefined],
  ["[[.a.]]", "a", undefined],
  ["[[=a=]]", "a", undefined],
  ["(", "(", undefined],
];

const INVALID: [pattern: string, problem: string][] = [
  ["(", "parentheses () not balanced"],
  ["a)", "parentheses () not balanced"],
  ["[a", "brackets [] not balanced"],
  ["a{2", "braces {} not balanced"],
  ["[b-a]", "invalid character range"],
  ["*", "quantifier operand invalid"],
  ["a**", "quantifier operand invalid"],
  ["^*", "quantifier operand invalid"],
  ["a|+", "quantifier operand invalid"],
  ["a{2,1}", "invalid repetition count(s)"],
  ["a{256}", "invalid repetition count(s)"],
  ["a\\", "invalid escape \\ sequence"],
];

describe("PostgreSQL's regular expressions", () => {
  it.each(ROWS)("%s on %j: %s", (pattern, name, matches) => {
    expect(matchesRegularExpression(pattern, name)).toBe(matches);
  });

  it.each(INVALID)("%s: %s", (pattern, problem) => {
    expect(checkRegularExpression(pattern)).toBe(problem);
  });

  it.each(["(a+)+$", "(a|aa)+$", "a*a*a*a*a*a*a*a*$", "(a?){60}a{60}$", "((a{200}){200}){200}"])(
    "%s takes no time, though backtracking would",
    (pattern) => {
      const start = performance.now();
      matchesRegularExpression(pattern, `${"a".repeat(62)}b`);
      expect(performance.now() - start).toBeLessThan(1_000);
    },
  );

  it("compiles anything or says why not", () => {
    const characters = fc.constantFrom(..."ab()[]{}|*+?^$\\.-,0129:=dw");
    fc.assert(
      fc.property(fc.array(characters, { maxLength: 12 }), fc.string(), (pattern, name) => {
        const matches = matchesRegularExpression(pattern.join(""), name);
        expect([true, false, undefined]).toContain(matches);
        if (checkRegularExpression(pattern.join("")) !== undefined) expect(matches).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  it("has a bottom", () => {
    expect(matchesRegularExpression("(".repeat(100_000), "a")).toBeUndefined();
  });
});
