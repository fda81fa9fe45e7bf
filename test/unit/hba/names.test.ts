import { describe, expect, it } from "vitest";
import { atLeast } from "../../../src/hba/dialect";
import { canBeCockroachdbUser, foldName } from "../../../src/hba/names";
import { goQuote } from "../../../src/hba/parse/go-quote";

describe("names in CockroachDB", () => {
  it.each([
    ["Bob", "bob"],
    ["ÄÖ", "äö"],
    ["A\u0308", "ä"],
    ["İıI", "iii"],
    ["ΟΔΟΣ", "οδοσ"],
    ["Ὀδυσσεύς", "ὀδυσσεύς"],
  ])("%j is %j", (name, folded) => {
    expect(foldName(name)).toBe(folded);
  });

  it.each([
    ["bob", true],
    ["1_a-b.c", true],
    ["Bob", true],
    ["-a", false],
    ["a b", false],
    ["", false],
    ["用户", false],
    ["a".repeat(63), true],
    ["a".repeat(64), false],
  ])("%j can be a user: %s", (name, possible) => {
    expect(canBeCockroachdbUser(name)).toBe(possible);
  });
});

describe("Go's %q", () => {
  it.each([
    ["a b", '"a b"'],
    ['"\\', '"\\"\\\\"'],
    ["\t\n\u0000\u007f", '"\\t\\n\\x00\\x7f"'],
    ["é🦊", '"é🦊"'],
    ["\u200b\u{e0001}", '"\\u200b\\U000e0001"'],
  ])("%j", (text, quoted) => {
    expect(goQuote(text)).toBe(quoted);
  });
});

describe("versions", () => {
  it.each([
    ["24.10", "24.3", true],
    ["v22.2.6", "22.2.7", false],
    ["v22.2.7-beta.1", "22.2.7", true],
    ["22.2", "22.2.7", false],
    ["15", "16", false],
    ["16.4 (Debian)", "16", true],
  ])("%s is at least %s: %s", (version, wanted, expected) => {
    expect(atLeast(version, wanted)).toBe(expected);
  });
});
