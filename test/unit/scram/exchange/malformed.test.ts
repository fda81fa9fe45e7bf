import { describe, expect, it } from "vitest";
import { parseServerFirstMessage, type UserError } from "../../../../src/scram";
import clientFinals from "../vectors/exchange/client-final-malformed.json";
import accepted from "../vectors/exchange/client-first-accepted.json";
import clientFirsts from "../vectors/exchange/client-first-malformed.json";
import serverFinals from "../vectors/exchange/server-final-malformed.json";
import serverFirsts from "../vectors/exchange/server-first-malformed.json";
import {
  certificateHash,
  clientFirst,
  clientNonce,
  messageOf,
  rfcClient,
  rfcServer,
  serverFirst,
} from "./support";

const bindingClientFirst = clientFirst.replace("n,,", "p=tls-server-end-point,,");

describe("the server refuses a client-first-message", () => {
  it.each(clientFirsts)("as $code: $label", async (vector) => {
    const { mechanism = "SCRAM-SHA-256", offersBinding = mechanism.endsWith("-PLUS"), code } = vector;
    const server = rfcServer(offersBinding ? { channelBinding: certificateHash } : {});
    await expect(server.first(mechanism, messageOf(vector))).rejects.toMatchObject(refusal(code));
    expect(() => server.final("")).toThrow(expect.objectContaining(refusal("message-out-of-order")));
  });

  it.each(accepted)("but not: $label", async (vector) => {
    const { mechanism = "SCRAM-SHA-256", offersBinding = false, user } = vector;
    const names: string[] = [];
    const server = rfcServer({
      ...(offersBinding && { channelBinding: certificateHash }),
      lookup: (name) => void names.push(name),
    });
    expect(await server.first(mechanism, messageOf(vector))).toMatch(/^r=[^,]+,s=[^,]+,i=10610$/);
    expect(names).toEqual([user]);
  });
});

describe("the client refuses a server-first-message", () => {
  it.each(serverFirsts)("as $code: $label", async (vector) => {
    const client = rfcClient(vector.bounds);
    client.first();
    await expect(client.final(messageOf(vector))).rejects.toMatchObject(refusal(vector.code));
    await expect(client.final(serverFirst)).rejects.toMatchObject(refusal("message-out-of-order"));
  });

  it.each(serverFirsts.filter(({ code }) => !code.startsWith("iterations-")))(
    "who asks for salt and iteration count, too, as $code: $label",
    (vector) => {
      expect(() => parseServerFirstMessage(messageOf(vector), clientNonce)).toThrow(
        expect.objectContaining(refusal(vector.code)),
      );
    },
  );
});

describe("the server refuses a client-final-message", () => {
  it.each(clientFinals)("as $code: $label", async ({ binds = false, code, ...vector }) => {
    const server = rfcServer(binds ? { channelBinding: certificateHash } : {});
    const [mechanism, first] = binds
      ? ["SCRAM-SHA-256-PLUS", bindingClientFirst]
      : ["SCRAM-SHA-256", clientFirst];
    await server.first(mechanism, first);
    expect(() => server.final(messageOf(vector))).toThrow(expect.objectContaining(refusal(code)));
  });
});

describe("the client refuses a server-final-message", () => {
  it.each(serverFinals)("as $code: $label", async (vector) => {
    const client = rfcClient();
    client.first();
    await client.final(serverFirst);
    expect(() => client.verify(messageOf(vector))).toThrow(expect.objectContaining(refusal(vector.code)));
    expect(client.verified).toBe(false);
  });
});

// In no vector, for JSON in UTF-8 has none.
it("half of a UTF-16 surrogate pair is refused, as message-encoding", async () => {
  const code = refusal("message-encoding");
  await expect(rfcServer().first("SCRAM-SHA-256", `${clientFirst},x=\ud800`)).rejects.toMatchObject(code);
  expect(() => parseServerFirstMessage(`${serverFirst},x=\udfff`, clientNonce)).toThrow(
    expect.objectContaining(code),
  );
});

it("no error repeats anything of a message, or the control characters in it would end up in a log", async () => {
  const messages: string[] = [];
  for (const vector of serverFirsts) {
    const client = rfcClient(vector.bounds);
    client.first();
    await client.final(messageOf(vector)).catch(({ message }: UserError) => messages.push(message));
  }
  expect(messages).toHaveLength(serverFirsts.length);
  expect(messages.filter((message) => /[^ -~…]|W22Za|%hvY|rOprN|pencil/.test(message))).toEqual([]);
});

function refusal(code: string) {
  return { name: "UserError", code };
}
