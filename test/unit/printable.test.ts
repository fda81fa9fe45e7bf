import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../../src/errors";
import { cut, makePrintable, printable } from "../../src/printable";
import { HOSTILE, hostileText, unprintable } from "../support/hostile-text";

describe("words of others, for a terminal or a log", () => {
  it.each(HOSTILE)("%s is spelt out", (_what, character) => {
    const spelt = `a\\u{${character.codePointAt(0)?.toString(16)}}b`;
    expect(printable(`a${character}b`)).toBe(spelt);
    expect(unprintable(spelt)).toEqual([]);
  });

  it.each(["Zoë", "日本 語", "a\u0301", "😀", "«…»", String.raw`C:\new\u{1b}`])("%s stays", (text) => {
    expect(printable(text)).toBe(text);
  });

  it("what is printable is so already", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const once = printable(text);
        expect(unprintable(once)).toEqual([]);
        expect(printable(once)).toBe(once);
      }),
    );
  });

  it.each([
    ["short", 5, "short"],
    ["longer", 5, "long…"],
    ["abc😀", 5, "abc😀"],
    ["abc😀d", 5, "abc…"],
  ])("%s, in at most %i, is %s", (text, most, kept) => {
    expect(cut(text, most)).toBe(kept);
  });

  it("a megabyte of them is cut", () => {
    for (const text of ["x".repeat(1_000_000), "\u001b".repeat(1_000_000)]) {
      expect(printable(text).length).toBeLessThanOrEqual(20_000);
      expect(printable(text)).toMatch(/…$/);
      expect(printable(printable(text))).toBe(printable(text));
    }
  });
});

describe("an error", () => {
  it("of ours is a sentence, whatever is quoted in it", () => {
    fc.assert(
      fc.property(hostileText, hostileText, (problem, hint) => {
        const error = new UserError("x", problem, { hint });
        expect(unprintable([error.message, error.hint, error.withoutHint, String(error)].join(""))).toEqual(
          [],
        );
        expect(unprintable(error.stack ?? "", { lines: true })).toEqual([]);
      }),
    );
  });

  it("of several things has a line for each, and no more", () => {
    const error = new UserError("x", ['user "a\nb": no', 'user "c": no'], { hint: "try again" });
    expect(error.message).toBe('user "a\\u{a}b": no\nuser "c": no; try again');
    expect(error.withoutHint).toBe('user "a\\u{a}b": no\nuser "c": no');
  });

  it("that is a bug keeps its stack, without a line of somebody else's in it", () => {
    const bug = new TypeError("no \u001b[2J\nwarning: all is well");
    makePrintable(bug);
    expect(bug.message).toBe("no \\u{1b}[2J\\u{a}warning: all is well");
    expect(bug.stack).toMatch(/^TypeError: no \\u\{1b\}\[2J\\u\{a\}warning: all is well\n {4}at /);
    for (const thrown of [undefined, null, "text", Object.freeze(new Error("\n"))])
      expect(() => makePrintable(thrown)).not.toThrow();
  });
});
