import fc from "fast-check";
import { expect, it } from "vitest";
import { findCircle } from "../../../src/provider/user-set/circle";

const mapOf = (groups: Record<string, string[]>) => new Map(Object.entries(groups));

it.each<[string, Record<string, string[]>, string[] | undefined]>([
  ["nobody", {}, undefined],
  ["groups that are not of the set", { a: ["x"], b: ["x", "y"] }, undefined],
  ["one group by two ways", { a: ["b", "c"], b: ["d"], c: ["d"], d: [] }, undefined],
  ["each other", { a: ["b"], b: ["a"] }, ["a", "b", "a"]],
  [
    "three in turn, and one on the way there",
    { z: ["a"], a: ["b"], b: ["c"], c: ["a"] },
    ["a", "b", "c", "a"],
  ],
])("%s", (_case, groups, expected) => {
  expect(findCircle(mapOf(groups))).toEqual(expected);
});

it("where all groups come later in a row, there is none", () => {
  const names = Array.from({ length: 30 }, (_, i) => `u${i}`);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(28), fc.nat(28))), (pairs) => {
      const groups = new Map(names.map((name) => [name, [] as string[]]));
      for (const [i, step] of pairs) groups.get(`u${i}`)?.push(`u${Math.min(29, i + 1 + (step % (29 - i)))}`);
      expect(findCircle(groups)).toBeUndefined();
    }),
  );
});
