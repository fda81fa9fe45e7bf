import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { clientFirstMessage, makeNonce } from "../../../../src/scram";
import { certificateHash, rfcClient, rfcServer, serverFinal, serverFirst } from "./support";

const both = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"];
const coded = (code: string) => expect.objectContaining({ name: "UserError", code });

describe("the mechanism", () => {
  it.each([
    ["no channel, no offer to bind", ["SCRAM-SHA-256"], undefined, "SCRAM-SHA-256", "n,,"],
    ["no channel, though binding is offered", both, undefined, "SCRAM-SHA-256", "n,,"],
    ["a channel, no offer to bind", ["SCRAM-SHA-256"], certificateHash, "SCRAM-SHA-256", "y,,"],
    ["a channel to bind to", both, certificateHash, "SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,"],
  ])("%s", (_, offered, channelBinding, mechanism, header) => {
    const client = rfcClient({ offered, ...(channelBinding && { channelBinding }) });
    expect(client.mechanism).toBe(mechanism);
    expect(client.first()).toBe(`${header}n=user,r=rOprNGfwEbeRWgbNEkqO`);
  });

  it.each([
    ["none", []],
    ["another hash", ["SCRAM-SHA-1", "SCRAM-SHA-512"]],
    ["channel binding only, without a channel", ["SCRAM-SHA-256-PLUS"]],
  ])("not offered: %s", (_, offered) => {
    expect(() => rfcClient({ offered })).toThrow(coded("mechanism-not-offered"));
  });
});

it.each([
  ["empty password", { password: "" }, "password-empty"],
  ["password of half a character", { password: "\ud800" }, "password-not-unicode"],
  ["empty channel-binding data", { channelBinding: Buffer.alloc(0) }, "channel-binding-empty"],
  ["empty nonce", { nonce: "" }, "nonce-characters"],
  ["nonce with a comma", { nonce: "a,b" }, "nonce-characters"],
  ["user name with NUL", { user: "a\0b" }, "user-name-characters"],
  ["user name of half a character", { user: "\ud800" }, "user-name-characters"],
])("not opened with: %s", (_, options, code) => {
  expect(() => rfcClient(options)).toThrow(coded(code));
});

it("sends no user name unless told to, and then escapes it", () => {
  expect(clientFirstMessage("abc")).toBe("n,,n=,r=abc");
  expect(clientFirstMessage("abc", "a,b=c")).toBe("n,,n=a=2Cb=3Dc,r=abc");
});

it("draws a new nonce for each exchange", () => {
  const nonces = Array.from({ length: 100 }, makeNonce);
  expect(new Set(nonces).size).toBe(100);
  expect(nonces.join("")).toMatch(/^[0-9A-Za-z+/]{3200}$/);
});

it.each([
  ["the least", { minIterations: 4_096 }],
  ["the most", { maxIterations: 4_096 }],
])("iterations within the bounds, by as little as can be: %s", async (_, bounds) => {
  const client = rfcClient(bounds);
  client.first();
  expect(await client.final(serverFirst)).toMatch(/^c=biws,/);
});

it.each([["minIterations"], ["maxIterations"]])("%s that is no number lets nothing pass", async (bound) => {
  const client = rfcClient({ [bound]: Number.NaN });
  client.first();
  await expect(client.final(serverFirst)).rejects.toThrow(/^The server asks for 4096 iterations/);
});

describe("out of order", () => {
  it("final before first", async () => {
    await expect(rfcClient().final(serverFirst)).rejects.toThrow(coded("message-out-of-order"));
  });

  it("verify before final", () => {
    const client = rfcClient();
    client.first();
    expect(() => client.verify(serverFinal)).toThrow(coded("message-out-of-order"));
  });

  it("first twice: the exchange is over", async () => {
    const client = rfcClient();
    client.first();
    expect(() => client.first()).toThrow(coded("message-out-of-order"));
    await expect(client.final(serverFirst)).rejects.toThrow(coded("message-out-of-order"));
  });

  it("final while another is under way", async () => {
    const client = rfcClient();
    client.first();
    const final = client.final(serverFirst);
    await expect(client.final(serverFirst)).rejects.toThrow(coded("message-out-of-order"));
    await final;
  });

  it("verify after a failure, and after success", async () => {
    const client = rfcClient();
    client.first();
    await client.final(serverFirst);
    expect(() => client.verify("v=")).toThrow(coded("server-signature-mismatch"));
    expect(() => client.verify(serverFinal)).toThrow(coded("message-out-of-order"));
    expect(client.verified).toBe(false);
  });
});

it("a server without the verifier does not pass for the server", async () => {
  const client = rfcClient();
  const impostor = rfcServer({ lookup: () => undefined, mockIterations: 4_096 });
  const final = await client.final(await impostor.first(client.mechanism, client.first()));
  const outcome = impostor.final(final);
  expect(() => client.verify(outcome.serverFinalMessage)).toThrow(coded("server-error-invalid-proof"));
  expect(client.verified).toBe(false);
});

it("shows no password when printed", () => {
  expect(inspect(rfcClient(), { depth: 9, showHidden: true })).not.toMatch(/pencil|70 65 6e 63/);
});
