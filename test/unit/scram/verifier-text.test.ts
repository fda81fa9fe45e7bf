import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatVerifier, MAX_ITERATIONS, MIN_ITERATIONS, parseVerifier, UserError } from "../../../src/scram";
import malformed from "./vectors/malformed-verifiers.json";
import vectors from "./vectors/verifiers.json";

const bytes = (minLength: number, maxLength = minLength) =>
  fc.uint8Array({ minLength, maxLength }).map((array) => Buffer.from(array));

const verifier = fc.record({
  iterations: fc.integer({ min: MIN_ITERATIONS, max: MAX_ITERATIONS }),
  salt: bytes(1, 64),
  storedKey: bytes(32),
  serverKey: bytes(32),
});

function refusal(text: string): UserError {
  try {
    parseVerifier(text);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("parsed");
}

describe("parseVerifier", () => {
  it.each(vectors)("reads and writes back: $label", ({ verifier }) => {
    expect(formatVerifier(parseVerifier(verifier))).toBe(verifier);
  });

  it("reads what formatVerifier writes", () => {
    fc.assert(
      fc.property(verifier, (v) => {
        expect(parseVerifier(formatVerifier(v))).toEqual(v);
      }),
    );
  });

  it.each(malformed)("refuses, as $code: $label", ({ text, code }) => {
    expect(refusal(text)).toMatchObject({ code });
  });

  it.each(malformed)("repeats no part of it: $label", ({ text }) => {
    const secrets = text.split(/[:$\s']/).filter((part) => part.length > 6 && !part.startsWith("SCRAM"));
    const { message } = refusal(text);
    expect(secrets.filter((part) => !/^[0-9]+$/.test(part) && message.includes(part))).toEqual([]);
  });

  it("either reads a text to the letter or throws a UserError", () => {
    const damaged = fc
      .tuple(verifier.map(formatVerifier), fc.nat(), fc.string({ maxLength: 2 }), fc.nat(2))
      .map(([text, at, insert, remove]) => {
        const i = at % (text.length + 1);
        return text.slice(0, i) + insert + text.slice(i + remove);
      });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.string(), fc.string({ unit: "binary" })), (text) => {
        let parsed: ReturnType<typeof parseVerifier>;
        try {
          parsed = parseVerifier(text);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
          return;
        }
        expect(formatVerifier(parsed)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });
});

describe("formatVerifier", () => {
  const good = parseVerifier(vectors[0]?.verifier ?? "");

  it.each([
    ["a key of the wrong length", { storedKey: Buffer.alloc(20) }, "verifier-key-length"],
    ["an empty salt", { salt: Buffer.alloc(0) }, "verifier-salt-empty"],
    ["half an iteration", { iterations: 4_096.5 }, "verifier-iterations"],
  ])("writes nothing a server would take for a plaintext: %s", (_, defect, code) => {
    expect(() => formatVerifier({ ...good, ...defect })).toThrow(expect.objectContaining({ code }));
  });
});
