import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classifyStoredHash, looksLikeHash, parseVerifier } from "../../../src/scram";
import malformed from "./vectors/malformed-verifiers.json";
import stored from "./vectors/stored-hashes.json";
import vectors from "./vectors/verifiers.json";

describe("classifyStoredHash", () => {
  it.each(stored)("$label", ({ text, expected }) => {
    expect(classifyStoredHash(text)).toEqual(expected);
  });

  it.each(vectors)("SCRAM: $label", ({ verifier }) => {
    expect(classifyStoredHash(verifier)).toEqual({
      kind: "scram-sha-256",
      verifier: parseVerifier(verifier),
    });
  });

  it.each([1, 1_024, 5_000_000, 240_000_000_000])(
    "SCRAM with %d iterations, as a server may store",
    (count) => {
      const text = (vectors[0]?.verifier ?? "").replace("$4096:", `$${count}:`);
      expect(classifyStoredHash(text)).toMatchObject({
        kind: "scram-sha-256",
        verifier: { iterations: count },
      });
    },
  );

  const notOurBounds = malformed.filter(({ code }) => code.startsWith("verifier-"));

  it.each(notOurBounds)("is no SCRAM when malformed: $label", ({ text }) => {
    expect(classifyStoredHash(text).kind).not.toBe("scram-sha-256");
  });

  it("never throws", () => {
    const prefix = fc.constantFrom(
      "",
      "SCRAM-SHA-256$",
      "SCRAM-SHA-256$4096:",
      "md5",
      "CRDB-BCRYPT$2a$10$",
      "$2a$",
    );
    fc.assert(
      fc.property(prefix, fc.string({ unit: "binary" }), (start, rest) => {
        expect(classifyStoredHash(start + rest).kind).toMatch(/^(unknown|none)$/);
      }),
    );
  });
});

describe("looksLikeHash", () => {
  it.each([
    ["a verifier", vectors[0]?.verifier ?? "", true],
    ["a malformed verifier", "SCRAM-SHA-256$oops", true],
    ["md5", `md5${"0123456789abcdef".repeat(2)}`, true],
    ["md5 in upper-case hex", `md5${"0123456789ABCDEF".repeat(2)}`, true],
    ["CockroachDB's bcrypt", "CRDB-BCRYPT$2a$10$", true],
    ["bcrypt without the marker, cleartext to every server", "$2a$10$vcmoIBvgeHjgScVHWRMWI.", false],
    ["md5 with a digit too many", `md5${"0".repeat(33)}`, false],
    ["md5 with a letter that is no hex", `md5${"g".repeat(32)}`, false],
    ["the prefix further in", " SCRAM-SHA-256$", false],
    ["lower case, cleartext to every server", "scram-sha-256$4096", false],
    ["a password", "correct horse battery staple", false],
    ["the empty text", "", false],
  ])("%s", (_, password, expected) => {
    expect(looksLikeHash(password)).toBe(expected);
  });
});
