import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dialectOf, type Product } from "../../../src/hba/dialect";
import { logicalLines } from "../../../src/hba/parse/logical-lines";
import { scan } from "../../../src/hba/parse/parse";

const fieldsOf = (text: string, product: Product, version?: string) =>
  scan(text, dialectOf(product, version === undefined ? {} : { version })).map(({ fields }) =>
    fields.map(({ tokens }) => tokens.map(({ value, quoted }) => (quoted ? `"${value}"` : value))),
  );

/** One line and its fields, each a list of tokens; quoted ones in quotes. */
type Row = [line: string, ...fields: string[][]];

const COCKROACHDB: Row[] = [
  ["a b c", ["a"], ["b"], ["c"]],
  ["  a  b # c d", ["a"], ["b"]],
  ["a,b", ["a", "b"]],
  ["a, b", ["a", "b"]],
  ["a,b,    c", ["a", "b", "c"]],
  ["a ,b", ["a"], ["b"]],
  ["a,b    ,c", ["a", "b"], ["c"]],
  [",a", ["a"]],
  ['"abc"def', ['"abc"'], ["def"]],
  ['a"b"c', ["a"], ['"b"'], ["c"]],
  ['"a, b ,c"   d', ['"a, b ,c"'], ["d"]],
  ['a,"b",c  d', ["a", '"b"', "c"], ["d"]],
  ['""', ['""']],
  ["abc#d", ["abc#d"]],
  ["a \\", ["a"], ["\\"]],
  ["a,# b", ["a"]],
  ["a\r", ["a"]],
  ["a\u0085b", ["a\u0085b"]],
  ['k="v w"', ["k=", '"v w"']],
  ["k= a, b c", ["k=", "a", "b"], ["c"]],
  ['"k=" v', ['"k="'], ["v"]],
];

const POSTGRESQL: Row[] = [
  ["a b c", ["a"], ["b"], ["c"]],
  ["a, b", ["a", "b"]],
  ["a ,b", ["a"], ["b"]],
  ['"abc"def', ['"abcdef"']],
  ['a"b c"d', ["ab cd"]],
  ['a"b""c"', ['ab"c']],
  ['""""', ['"""']],
  ['""all', ['"all"']],
  ["abc#d", ["abc"]],
  ['"abc#d"', ['"abc#d"']],
  ['"abc d', ['"abc d"']],
  ["a\\", ["a"]],
  ["a \\\nb", ["a"], ["b"]],
  ["ab\\\nc", ["abc"]],
  ["a # b\\\nc", ["a"]],
  ["a\v\fb", ["a\v\fb"]],
  ['k="v w"', ["k=v w"]],
  ["k= a", ["k="], ["a"]],
  ["a\0b c", ["a"]],
];

describe("CockroachDB's scanner", () => {
  it.each(COCKROACHDB)("%j", (line, ...fields) => {
    expect(fieldsOf(line, "cockroachdb")).toEqual([fields]);
  });

  it("had no options across tokens before 24.3", () => {
    expect(fieldsOf('k="v w"', "cockroachdb", "23.1")).toEqual([[["k="], ['"v w"']]]);
  });
});

describe("PostgreSQL's scanner", () => {
  it.each(POSTGRESQL)("%j", (line, ...fields) => {
    expect(fieldsOf(line, "postgresql")).toEqual([fields]);
  });

  it("ends two backslashes with an empty line", () => {
    expect(fieldsOf("a \\\\\n\nb", "postgresql")).toEqual([[["a"], ["\\"]], [["b"]]]);
  });

  it("knows where a token stands on a continued line", () => {
    const [line] = scan("host all\\\n  ,all \\\n all", dialectOf("postgresql"));
    expect(line).toMatchObject({ line: 1, endLine: 3, end: { line: 3, column: 5 } });
    expect(line?.fields.map(({ tokens: [token] }) => [token.line, token.column])).toEqual([
      [1, 1],
      [1, 6],
      [2, 4],
      [3, 2],
    ]);
  });
});

describe("physical lines are joined as PostgreSQL does it", () => {
  /** In its words, each step on the whole of the text so far. */
  function joinedOneByOne(text: string): [content: string, line: number, endLine: number][] {
    const physical = text.match(/[^\n]*\n|[^\n]+/g) ?? [];
    const lines: [string, number, number][] = [];
    for (let next = 0; next < physical.length; ) {
      const first = next;
      let content = "";
      for (let last = 0; next < physical.length; last = content.length) {
        content = (content + (physical[next++] ?? "").replace(/\0.*/s, "")).replace(/[\r\n]+$/, "");
        if (content.length <= last || !content.endsWith("\\")) break;
        content = content.slice(0, -1);
      }
      lines.push([content, first + 1, next]);
    }
    return lines;
  }

  it("whatever is in them", () => {
    const text = fc
      .array(fc.constantFrom("\\", "\n", "\r", "\\\n", "\0", "a", " b"))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (given) => {
        const lines = logicalLines(given);
        expect(lines.map(({ content, line, endLine }) => [content, line, endLine])).toEqual(
          joinedOneByOne(given),
        );
        expect(lines.map((line) => line.text).join("")).toBe(given);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    [0, 1, 1],
    [1, 1, 2],
    [2, 2, 1],
    [3, 3, 1],
    [5, 3, 3],
    [9, 3, 7],
  ])("offset %i is on line %i, column %i", (offset, line, column) => {
    expect(logicalLines("ab\\\nc\\\ndef")[0]?.position(offset)).toEqual({ line, column });
  });
});
