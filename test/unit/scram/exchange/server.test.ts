import { describe, expect, it } from "vitest";
import { deriveVerifier } from "../../../../src/scram";
import { clientFinal, clientFirst, mockKey, rfcClient, rfcServer, serverFirst, verifier } from "./support";

const coded = (code: string) => expect.objectContaining({ name: "UserError", code });

describe("who is refused is told so in PostgreSQL's words", () => {
  it.each([
    ["wrong password", { password: "pencils" }, {}, "user"],
    ["unknown user", { user: "nobody" }, { mockIterations: 4_096 }, "nobody"],
    ["unknown user of the startup packet", {}, { user: "nobody", mockIterations: 4_096 }, "nobody"],
    ["user without a verifier", {}, { lookup: async () => undefined, mockIterations: 4_096 }, "user"],
  ])("%s", async (_, clientOptions, serverOptions, user) => {
    const client = rfcClient(clientOptions);
    const server = rfcServer(serverOptions);
    const final = await client.final(await server.first(client.mechanism, client.first()));
    expect(server.final(final)).toEqual({
      authenticated: false,
      user,
      serverFinalMessage: "e=invalid-proof",
      refusal: `password authentication failed for user "${user}"`,
    });
  });
});

describe("an unknown user", () => {
  const ask = (user: string, options = {}) =>
    rfcServer({ lookup: () => undefined, ...options }).first("SCRAM-SHA-256", `n,,n=${user},r=abc`);

  it("is asked for the same each time, and each for something else", async () => {
    expect(await ask("alice")).toBe(await ask("alice"));
    expect(await ask("alice")).not.toBe(await ask("bob"));
    expect(await ask("alice")).not.toBe(await ask("alice", { mockKey: Buffer.alloc(32, "other") }));
  });

  it("is asked for what a user is asked for: 16 bytes of salt, the default iteration count", async () => {
    const real = await deriveVerifier("pencil", { salt: Buffer.alloc(16, 7), iterations: 10_610 });
    const form = /^r=abc%hvYDpWUa2RaTCAfuxFIlj\)hNlF\$k0,s=[A-Za-z0-9+/]{22}==,i=10610$/;
    expect(await ask("alice")).toMatch(form);
    expect(await ask("alice", { lookup: () => real })).toMatch(form);
    expect(await ask("alice", { mockIterations: 4_096 })).toMatch(/,i=4096$/);
  });

  it.each([1, 16, 24, 32])("is asked with as long a salt as users have: %d bytes", async (mockSaltBytes) => {
    const real = await deriveVerifier("pencil", { salt: Buffer.alloc(mockSaltBytes, 7), iterations: 10_610 });
    const lengths = [undefined, real].map(async (found) => {
      const [, salt = ""] =
        /,s=([^,]*),/.exec(await ask("alice", { mockSaltBytes, lookup: () => found })) ?? [];
      return Buffer.from(salt, "base64").length;
    });
    expect(await Promise.all(lengths)).toEqual([mockSaltBytes, mockSaltBytes]);
  });
});

it.each([
  ["no mock key", { mockKey: Buffer.alloc(0) }, "mock-key-too-short"],
  ["a mock key of 15 bytes", { mockKey: mockKey.subarray(0, 15) }, "mock-key-too-short"],
  ["too few mock iterations", { mockIterations: 1 }, "iterations-too-few"],
  ["no mock salt", { mockSaltBytes: 0 }, "mock-salt-length"],
  ["a mock salt of more than the hash has", { mockSaltBytes: 33 }, "mock-salt-length"],
  ["half a byte of mock salt", { mockSaltBytes: 16.5 }, "mock-salt-length"],
  ["half a mock iteration", { mockIterations: 4_096.5 }, "iterations-not-an-integer"],
  ["empty channel-binding data", { channelBinding: Buffer.alloc(0) }, "channel-binding-empty"],
  ["empty nonce", { nonce: "" }, "nonce-characters"],
])("not opened with: %s", (_, options, code) => {
  expect(() => rfcServer(options)).toThrow(coded(code));
});

it("does not go on with a verifier that is none, and does not show it", async () => {
  const storedKey = verifier.storedKey.subarray(1);
  const lookup = () => ({ ...verifier, storedKey });
  const first = rfcServer({ lookup }).first("SCRAM-SHA-256", clientFirst);
  await expect(first).rejects.toThrow(coded("verifier-key-length"));
  await expect(first).rejects.not.toThrow(storedKey.toString("base64"));
});

it("is over when the look-up fails", async () => {
  const server = rfcServer({ lookup: () => Promise.reject(new Error("catalogue locked")) });
  await expect(server.first("SCRAM-SHA-256", clientFirst)).rejects.toThrow("catalogue locked");
  expect(() => server.final(clientFinal)).toThrow(coded("message-out-of-order"));
});

describe("out of order", () => {
  it("final before first", () => {
    expect(() => rfcServer().final(clientFinal)).toThrow(coded("message-out-of-order"));
  });

  it("first twice: the exchange is over", async () => {
    const server = rfcServer();
    expect(await server.first("SCRAM-SHA-256", clientFirst)).toBe(serverFirst);
    await expect(server.first("SCRAM-SHA-256", clientFirst)).rejects.toThrow(coded("message-out-of-order"));
    expect(() => server.final(clientFinal)).toThrow(coded("message-out-of-order"));
  });

  it("final again: one exchange is one guess", async () => {
    const server = rfcServer();
    await server.first("SCRAM-SHA-256", clientFirst);
    expect(server.final(clientFinal.replace(/p=../, "p=AA"))).toMatchObject({ authenticated: false });
    expect(() => server.final(clientFinal)).toThrow(coded("message-out-of-order"));
  });
});
