import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unwrapSecrets } from "../../../src/provider/protocol/wire";
import { checkUser } from "../../../src/provider/user/check/check";
import { deriveSalt, drawSaltSeed, isSaltSeed } from "../../../src/provider/user/check/salt";
import { parseVerifier } from "../../../src/scram";

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

describe("nobody without the seed can tell a salt from one that the server draws", () => {
  const names = { username: "app", owner: "org/project/stack/User::app" };
  const salts = async () =>
    Promise.all(
      Array.from({ length: 256 }, async () => {
        const { inputs } = await checkUser({}, { ...names, password: "pw", iterations: 4096 });
        return parseVerifier(String(unwrapSecrets(inputs).verifier)).salt;
      }),
    );

  it("16 bytes, as PostgreSQL's and CockroachDB's own and PostgreSQL's mocks", async () => {
    expect(new Set((await salts()).map(({ length }) => length))).toEqual(new Set([16]));
  });

  it("no byte of it comes from the names that it is for", async () => {
    const drawn = await salts();
    for (let at = 0; at < Math.max(...drawn.map(({ length }) => length)); at++) {
      // 256 draws out of 256 values give 162 different ones on average, and never so few.
      expect(new Set(drawn.map((salt) => salt[at])).size).toBeGreaterThan(64);
    }
  });
});
