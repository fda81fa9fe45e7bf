import { beforeEach, expect, it, vi } from "vitest";
import type { ClientExchange } from "../../../../src/scram/exchange/client";
import { rfcClient, serverFinal, serverFirst } from "./support";

const buffers = vi.hoisted((): Buffer[] => []);
vi.mock("../../../../src/scram/saslprep", async (original) => {
  const { normalizePassword, ...rest } = await original<typeof import("../../../../src/scram/saslprep")>();
  return {
    ...rest,
    normalizePassword: (password: string) => {
      const buffer = normalizePassword(password);
      buffers.push(buffer);
      return buffer;
    },
  };
});

beforeEach(() => {
  buffers.length = 0;
});

it("a client keeps the password until it has the keys", async () => {
  const client = rfcClient();
  client.first();
  expect(buffers.map(String)).toEqual(["pencil"]);
  await client.final(serverFirst);
  expect(buffers).toEqual([Buffer.alloc(6)]);
});

it.each<[string, (client: ClientExchange) => unknown]>([
  ["a message that is none", (client) => client.final("nonsense")],
  ["another nonce", (client) => client.final(serverFirst.replace("r=", "r=x"))],
  ["too few iterations", (client) => client.final(serverFirst.replace("i=4096", "i=1"))],
  ["too many", (client) => client.final(serverFirst.replace("i=4096", "i=999999"))],
  ["first again", (client) => client.first()],
  ["verify too soon", (client) => client.verify(serverFinal)],
])("or until the exchange is over: %s", async (_case, step) => {
  const client = rfcClient();
  client.first();
  await expect(async () => step(client)).rejects.toThrow();
  expect(buffers).toEqual([Buffer.alloc(6)]);
});

it("a step too many takes nothing from one that is under way", async () => {
  const client = rfcClient();
  client.first();
  const final = client.final(serverFirst);
  await expect(client.final(serverFirst)).rejects.toThrow();
  expect(await final).toMatch(/,p=dHzbZapWIk4jUhN\+Ute9ytag9zjfMHgsqmmiz7AndVQ=$/);
});
