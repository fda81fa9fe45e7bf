import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { Client } from "../../../../src/database/connection/client";
import { beginLogin } from "../../../../src/database/connection/login/challenge";
import { resolveTarget } from "../../../../src/database/connection/parameters/target";
import { Session } from "../../../../src/database/session/session";

/** A server whose one message asks for authentication by a code. */
async function serverThatAsksFor(code: number): Promise<number> {
  const request = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, code]);
  const server = createServer((socket) => {
    socket.on("error", () => {}).once("data", () => socket.write(request));
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

describe.each([
  [2, "Kerberos V5"],
  [7, "GSSAPI"],
  [9, "SSPI"],
])("a server that asks for authentication of code %i", (code, method) => {
  it("asks a user for something else", async () => {
    const port = await serverThatAsksFor(code);
    expect((await beginLogin({ host: "127.0.0.1", port }, "app")).challenge).toEqual({
      asks: "something else",
    });
  });

  it("makes a client's connecting fail", async () => {
    const port = await serverThatAsksFor(code);
    const client = new Client({ host: "127.0.0.1", port });
    await expect(client.connect()).rejects.toThrow(method);
  });

  it("is told to the administrator in a sentence", async () => {
    const port = await serverThatAsksFor(code);
    const session = new Session(resolveTarget(`postgresql://admin:pw@127.0.0.1:${port}/db?sslmode=disable`));
    await expect(session.product()).rejects.toThrow(
      `127.0.0.1:${port} asks the administrator "admin" for ${method}, which is not supported here; `,
    );
  });
});
