import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyLines, textOfLines } from "../../../../src/provider/hba/lines";

const before = keyLines({}, "a\nb\nc\n");

describe("lines keep their keys while others come and go", () => {
  it("a first text is numbered with room between", () => {
    expect(before).toEqual({ "000010": "a", "000020": "b", "000030": "c", "000040": "" });
  });

  it.each([
    ["one more in the middle", "a\nb\nnew\nc\n", { "000025": "new" }, []],
    ["one more at the start", "new\na\nb\nc\n", { "000005": "new" }, []],
    ["one more at the end", "a\nb\nc\nnew\n", { "000035": "new" }, []],
    ["one fewer", "a\nc\n", {}, ["000020"]],
    ["another in its place", "a\nB\nc\n", { "000020": "B" }, ["000020"]],
    ["two the other way round", "b\na\nc\n", { "000025": "a" }, ["000010"]],
    ["nothing", "a\nb\nc\n", {}, []],
  ])("%s", (_case, text, added, removed) => {
    const rest = Object.fromEntries(
      Object.entries(before).filter(([key]) => !(removed as string[]).includes(key)),
    );
    expect(keyLines(before, text)).toEqual({ ...rest, ...added });
  });

  it("whatever the texts: the keys sort in the order of the lines, and the text comes back to the byte", () => {
    const text = fc
      .array(fc.constantFrom("a", "b", "c", "", "# d", "host all all all scram-sha-256"), { maxLength: 12 })
      .map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 8 }), (texts) => {
        let lines = {};
        for (const next of texts) {
          lines = keyLines(lines, next);
          expect(textOfLines(lines)).toBe(next);
          expect(keyLines(lines, next)).toEqual(lines);
        }
      }),
    );
  });
});
