import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { shortened, table, usableWidth, wrapped } from "../../../src/cli/terminal/layout";

describe("text in lines", () => {
  it.each([
    ["one two three", 7, "  ", "one two\n  three"],
    ["one two three", 80, "  ", "one two three"],
    ["    led by spaces", 12, "      ", "    led by\n      spaces"],
    ["in  columns  keeps them", 14, "  ", "in  columns\n  keeps them"],
    ["a-word-too-long stands alone", 6, "", "a-word-too-long\nstands\nalone"],
    ["", 10, "  ", ""],
  ])("%o in %d", (text, width, indent, lines) => {
    expect(wrapped(text, width, indent)).toBe(lines);
  });

  it("loses no word, and is too wide only by one", () => {
    const words = fc.array(
      fc.string({ minLength: 1, maxLength: 12 }).map((word) => word.replaceAll(/\s/g, "_")),
    );
    fc.assert(
      fc.property(words, fc.integer({ min: 4, max: 40 }), (given, width) => {
        const lines = wrapped(given.join(" "), width, "  ").split("\n");
        expect(lines.flatMap((line) => line.split(" ").filter(Boolean))).toEqual(given);
        for (const line of lines) {
          if (stringWidth(line) > width) expect(line.trim().split(" ")).toHaveLength(1);
        }
      }),
    );
  });
});

it.each([
  ["no terminal", undefined, 80],
  ["a terminal that does not know", 0, 80],
  ["a narrow one", 40, 40],
  ["one too narrow to read from", 12, 40],
  ["a wide one", 200, 200],
])("%s has %s columns: %d are used", (_case, columns, used) => {
  expect(usableWidth(columns)).toBe(used);
});

it("columns align, whatever is in them", () => {
  expect(
    table([
      ["name", "kind"],
      ["日本", "x"],
      ["é", "y"],
    ]),
  ).toEqual(["name  kind", "日本  x", "é     y"]);
});

it.each([
  ["short", 10, "short"],
  ["exactly10!", 10, "exactly10!"],
  ["more than ten", 10, "more than…"],
  ["日本語日本語", 6, "日本…"],
])("%o in at most %d", (text, width, kept) => {
  expect(shortened(text, width)).toBe(kept);
});

it.each([
  ["a line", (text: string) => wrapped(text, 80, "")],
  ["a cell", (text: string) => table([[text, "x"]]).join()],
  ["what is cut", (text: string) => shortened(text, 80)],
])("in %s, a name cannot move the cursor, or hide", (_what, written) => {
  expect(written("a\u001b[2Jb\nc\u202ed\u2028")).toContain("a\\u{1b}[2Jb\\u{a}c\\u{202e}d\\u{2028}");
});
