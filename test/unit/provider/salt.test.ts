import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deriveSalt, drawSaltSeed, isSaltSeed, makerOf } from "../../../src/provider/user/salt";

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

describe("a salt says which resource made it", () => {
  it("in eight bytes more, after the same sixteen", () => {
    const salt = deriveSalt(seed, "app", 1, "org/project/stack/User::app");
    expect(salt.subarray(0, 16)).toEqual(deriveSalt(seed, "app", 1));
    expect(salt.toString("hex")).toBe("5d24b85f9d90e70fbe5d519a97cde063be664e17cf1ff5bb");
  });

  it.each<[string, Buffer, string | undefined, string]>([
    ["its own", deriveSalt(seed, "app", 1, "us"), "us", "us"],
    ["its own, of another generation and name", deriveSalt(seed, "other", 7, "us"), "us", "us"],
    ["another's", deriveSalt(seed, "app", 1, "them"), "us", "another"],
    [
      "another's, seen by a resource from before there were owners",
      deriveSalt(seed, "app", 1, "them"),
      undefined,
      "another",
    ],
    ["from before there were owners", deriveSalt(seed, "app", 1), "us", "nobody"],
    ["a server's own", Buffer.alloc(16, 3), "us", "nobody"],
    ["of the same length by chance", Buffer.alloc(24, 3), "us", "nobody"],
    ["an empty one", Buffer.alloc(0), "us", "nobody"],
  ])("%s", (_case, salt, owner, maker) => {
    expect(makerOf(salt, owner)).toBe(maker);
  });

  it("one bit changed, and it says nothing any more, or another's", () => {
    const salt = deriveSalt(seed, "app", 1, "us");
    fc.assert(
      fc.property(fc.nat(salt.length * 8 - 1), (bit) => {
        const changed = Buffer.from(salt);
        changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        expect(makerOf(changed, "us")).toBe("nobody");
      }),
    );
  });
});
