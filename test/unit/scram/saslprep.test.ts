import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalizePassword, saslprep } from "../../../src/scram";
import vectors from "./vectors/saslprep.json";

/** Texts rich in what SASLprep treats specially. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom(
      "a",
      "1",
      " ",
      "\u00a0",
      "\u00ad",
      "\u0301",
      "\u05d0",
      "\u2135",
      "\u20a8",
      "\ufc5e",
    ),
  }),
);

describe("saslprep", () => {
  it.each(vectors)("$label", ({ label: _, input, ...expected }) => {
    expect(saslprep(input)).toEqual(expected);
  });

  it("never finds more to prepare in what it has prepared", () => {
    // Not "accepts what it has accepted": it checks before NFKC, so the result may break the bidi rules.
    fc.assert(
      fc.property(text, (raw) => {
        const { prepared } = saslprep(raw);
        expect(saslprep(prepared).prepared).toBe(prepared);
      }),
    );
    expect(saslprep("a\u2135")).toEqual({ prepared: "a\u05d0" });
    expect(saslprep("a\u05d0")).toEqual({ prepared: "a\u05d0", refused: "bidirectional" });
  });

  it("leaves a refused text as it was, and an accepted one in NFKC", () => {
    fc.assert(
      fc.property(text, (raw) => {
        const { prepared, refused } = saslprep(raw);
        expect(prepared).toBe(refused === undefined ? prepared.normalize("NFKC") : raw);
      }),
    );
  });

  it("refuses a lone surrogate", () => {
    expect(saslprep("a\ud800")).toEqual({ prepared: "a\ud800", refused: "prohibited" });
  });

  it("takes texts longer than a call may have arguments", () => {
    expect(saslprep("\u00aa".repeat(300_000)).prepared).toBe("a".repeat(300_000));
  });
});

describe("normalizePassword", () => {
  it.each(vectors)("as UTF-8, from text and from octets: $label", ({ input, prepared }) => {
    expect(normalizePassword(input).toString("utf8")).toBe(prepared);
    expect(normalizePassword(new TextEncoder().encode(input)).toString("utf8")).toBe(prepared);
  });

  it.each([
    ["ISO 8859-1", [0x70, 0xe4, 0x73, 0x73]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["a surrogate in UTF-8", [0xed, 0xa0, 0x80]],
    ["a soft hyphen cut in half", [0x61, 0xc2]],
  ])("keeps octets that are not UTF-8: %s", (_, octets) => {
    expect([...normalizePassword(Uint8Array.from(octets))]).toEqual(octets);
  });

  it("keeps a byte order mark when the rest is refused", () => {
    const octets = new TextEncoder().encode("\ufeffa\u{1f600}");
    expect(normalizePassword(octets)).toEqual(Buffer.from(octets));
  });

  it("copies, so that a caller may wipe its own octets", () => {
    const octets = Uint8Array.from([0xff, 0xfe]);
    const normalized = normalizePassword(octets);
    octets.fill(0);
    expect([...normalized]).toEqual([0xff, 0xfe]);
  });

  it.each(["\ud800", "a\udc00b", "\udc00\ud800"])("refuses a string with a lone surrogate", (password) => {
    expect(() => normalizePassword(password)).toThrow(
      expect.objectContaining({ code: "password-not-unicode" }),
    );
  });
});
