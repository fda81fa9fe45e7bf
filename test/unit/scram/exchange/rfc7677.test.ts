import { describe, expect, it } from "vitest";
import { clientFirstMessage, parseServerFirstMessage } from "../../../../src/scram";
import {
  clientFinal,
  clientFirst,
  clientNonce,
  rfcClient,
  rfcServer,
  serverFinal,
  serverFirst,
} from "./support";

const octets = (text: string) => new TextEncoder().encode(text);

describe("the exchange of RFC 7677 section 3, message by message", () => {
  it.each([
    ["text", (text: string) => text],
    ["octets", octets],
  ])("as the client, from %s", async (_, as) => {
    const client = rfcClient();
    expect(client.mechanism).toBe("SCRAM-SHA-256");
    expect(client.first()).toBe(clientFirst);
    expect(await client.final(as(serverFirst))).toBe(clientFinal);
    expect(client.verified).toBe(false);
    client.verify(as(serverFinal));
    expect(client.verified).toBe(true);
  });

  it.each([
    ["text", (text: string) => text],
    ["octets", octets],
  ])("as the server, from %s", async (_, as) => {
    const server = rfcServer();
    expect(server.mechanisms).toEqual(["SCRAM-SHA-256"]);
    expect(await server.first("SCRAM-SHA-256", as(clientFirst))).toBe(serverFirst);
    expect(server.final(as(clientFinal))).toEqual({
      authenticated: true,
      user: "user",
      serverFinalMessage: serverFinal,
    });
  });

  it("as one who only asks for salt and iteration count", () => {
    expect(clientFirstMessage(clientNonce, "user")).toBe(clientFirst);
    expect(parseServerFirstMessage(serverFirst, clientNonce)).toEqual({
      nonce: "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
      salt: Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64"),
      iterations: 4_096,
    });
  });
});

it("a message with optional extensions is taken, and they are signed", async () => {
  const client = rfcClient();
  const server = rfcServer();
  const first = `${client.first()},x=1`;
  // The client signs what it has sent, so the extension somebody added breaks the proof.
  const final = await client.final(`${await server.first("SCRAM-SHA-256", first)},y=2,z=3`);
  expect(server.final(final)).toMatchObject({ authenticated: false });

  const whole = rfcClient();
  whole.first();
  await whole.final(serverFirst);
  whole.verify(`${serverFinal},x=1`);
  expect(whole.verified).toBe(true);
});
