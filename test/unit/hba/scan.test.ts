import { describe, expect, it } from "vitest";
import { dialectOf, type Product } from "../../../src/hba/dialect";
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
