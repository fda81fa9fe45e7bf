import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  deriveVerifier,
  equalVerifiers,
  formatVerifier,
  parseVerifier,
  type Verifier,
  verifyPassword,
} from "../../../src/scram";
import exchange from "./vectors/rfc7677.json";
import vectors from "./vectors/verifiers.json";

const salt = Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64");
const options = { salt, iterations: 4_096 };

describe("deriveVerifier", () => {
  it.each(vectors)("$label", async ({ password, verifier }) => {
    const { salt, iterations } = parseVerifier(verifier);
    expect(formatVerifier(await deriveVerifier(password, { salt, iterations }))).toBe(verifier);
  });

  it("agrees with the client proof and the server signature of RFC 7677's exchange", async () => {
    const { storedKey, serverKey } = await deriveVerifier(exchange.password, options);
    const authMessage = [
      exchange.clientFirstMessageBare,
      exchange.serverFirstMessage,
      exchange.clientFinalMessageWithoutProof,
    ].join(",");
    const clientSignature = createHmac("sha256", storedKey).update(authMessage).digest();
    const clientKey = Buffer.from(exchange.clientProof, "base64").map(
      (byte, i) => byte ^ (clientSignature[i] ?? 0),
    );

    expect(createHash("sha256").update(clientKey).digest()).toEqual(storedKey);
    expect(createHmac("sha256", serverKey).update(authMessage).digest("base64")).toBe(
      exchange.serverSignature,
    );
  });

  it.each([
    ["two spellings of a text", "\ufb01sh\u00adbowl", "fishbowl"],
    ["text and its octets", "p\u00e4ss", new TextEncoder().encode("p\u00e4ss")],
  ])("makes no difference between %s", async (_, a, b) => {
    expect(equalVerifiers(await deriveVerifier(a, options), await deriveVerifier(b, options))).toBe(true);
  });

  it("copies the salt", async () => {
    const mine = Uint8Array.from(salt);
    const verifier = await deriveVerifier("pencil", { salt: mine, iterations: 4_096 });
    mine.fill(0);
    expect(verifier.salt).toEqual(salt);
  });

  it.each([
    ["an empty password", "", options, "password-empty"],
    ["no octets", new Uint8Array(), options, "password-empty"],
    ["half a character", "\ud800", options, "password-not-unicode"],
    ["an empty salt", "pencil", { salt: Buffer.alloc(0), iterations: 4_096 }, "salt-empty"],
    ["too few iterations", "pencil", { salt, iterations: 4_095 }, "iterations-too-few"],
    ["too many iterations", "pencil", { salt, iterations: 1_000_001 }, "iterations-too-many"],
    ["half an iteration", "pencil", { salt, iterations: 4_096.5 }, "iterations-not-an-integer"],
  ])("refuses %s", async (_, password, options, code) => {
    await expect(deriveVerifier(password, options)).rejects.toMatchObject({ name: "UserError", code });
  });
});

describe("verifyPassword", () => {
  it("knows a password from any other", async () => {
    const password = fc.string({ unit: "grapheme", minLength: 1 });
    const salt = fc.uint8Array({ minLength: 1, maxLength: 32 });
    await fc.assert(
      fc.asyncProperty(password, salt, async (password, salt) => {
        const verifier = await deriveVerifier(password, { salt, iterations: 4_096 });
        expect(await verifyPassword(password, verifier)).toBe(true);
        expect(await verifyPassword(`${password}x`, verifier)).toBe(false);
        expect(await verifyPassword("", verifier)).toBe(false);
      }),
      { numRuns: 25 },
    );
  });

  // As PostgreSQL writes it with scram_iterations = 1; computed with Python's hashlib.
  const weak: Verifier = {
    iterations: 1,
    salt,
    storedKey: Buffer.from("bzcn5wYzlcMpEXczzDM1iuyLhni5BVbqsm82vjMHWXI=", "base64"),
    serverKey: Buffer.from("fg/vS0Y425LcbLGWSqdzrFlRn9451QblzgpwLQYoXCI=", "base64"),
  };

  it("takes fewer iterations than we would", async () => {
    expect(await verifyPassword("pencil", weak)).toBe(true);
    expect(await verifyPassword("pencils", weak)).toBe(false);
  });

  it("finds out the verifier of the empty password", async () => {
    const storedKey = Buffer.from("1AAEpzblzPUeIx9qnscBSoHxWFa1iGl5Pr7CVVPmq8M=", "base64");
    expect(await verifyPassword("", { ...weak, storedKey })).toBe(true);
  });

  it("throws rather than hash for minutes", async () => {
    const forged = { ...weak, iterations: 240_000_000_000 };
    await expect(verifyPassword("pencil", forged)).rejects.toMatchObject({ code: "iterations-too-many" });
  });

  it("is false for a key of the wrong length", async () => {
    expect(await verifyPassword("pencil", { ...weak, storedKey: Buffer.alloc(20) })).toBe(false);
  });
});

describe("equalVerifiers", () => {
  const verifier = parseVerifier(vectors[0]?.verifier ?? "");

  it("is true for a copy", () => {
    expect(equalVerifiers(verifier, parseVerifier(formatVerifier(verifier)))).toBe(true);
  });

  it.each<[keyof Verifier, Partial<Verifier>]>([
    ["iterations", { iterations: 4_097 }],
    ["salt", { salt: Buffer.alloc(16) }],
    ["storedKey", { storedKey: Buffer.alloc(32) }],
    ["serverKey", { serverKey: Buffer.alloc(32) }],
    ["storedKey", { storedKey: Buffer.alloc(20) }],
  ])("is false when %s differs", (_, difference) => {
    expect(equalVerifiers(verifier, { ...verifier, ...difference })).toBe(false);
    expect(equalVerifiers({ ...verifier, ...difference }, verifier)).toBe(false);
  });
});
