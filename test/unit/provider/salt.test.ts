import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deriveSalt, drawSaltSeed, isSaltSeed } from "../../../src/provider/user/salt";

const seed = Buffer.alloc(32, 7).toString("base64");

describe("the salt of a generation", () => {
  it("is the same in preview and in up, wherever it is derived", () => {
    // A fixed expectation: another answer would change the verifier of every user at an upgrade.
    expect(deriveSalt(seed, "app", 1).toString("hex")).toBe("5d24b85f9d90e70fbe5d519a97cde063");
  });

  it("differs between generations, users and seeds", () => {
    const name = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => !text.includes("\0"));
    const key = fc.tuple(fc.constantFrom(seed, drawSaltSeed()), name, fc.integer({ min: 1, max: 1000 }));
    fc.assert(
      fc.property(key, key, (a, b) => {
        const sameKey = JSON.stringify(a) === JSON.stringify(b);
        expect(deriveSalt(...a).equals(deriveSalt(...b))).toBe(sameKey);
      }),
    );
  });

  it.each([
    [drawSaltSeed(), true],
    [Buffer.alloc(16).toString("base64"), true],
    [Buffer.alloc(15).toString("base64"), false],
    ["not base64 at all, but long enough", false],
    [Buffer.alloc(32, 0xff).toString("base64url"), false],
  ])("seed %s: %s", (text, valid) => {
    expect(isSaltSeed(text)).toBe(valid);
  });
});
