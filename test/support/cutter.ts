import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { serverUrl } from "./server";

/** A way to the server on which the connection is cut, once, after a statement was passed on and before it is answered. */
export async function cutAt(statement: string): Promise<{ readonly url: string; cuts(): number }> {
  const target = new URL(serverUrl());
  let cuts = 0;
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connect(Number(target.port), target.hostname);
    for (const socket of [client, server]) sockets.add(socket.on("error", () => {}));
    let cutting = false;
    client.on("data", (bytes) => {
      if (cuts === 0 && bytes.includes(statement)) {
        cuts++;
        cutting = true;
      }
      server.write(bytes);
    });
    server.on("data", (bytes) => {
      if (cutting) for (const socket of [client, server]) socket.destroy();
      else client.write(bytes);
    });
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());
  });
  await new Promise<void>((ready) => proxy.listen(0, "127.0.0.1", ready));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  const url = serverUrl().replace(`:${target.port}`, `:${(proxy.address() as AddressInfo).port}`);
  return { url, cuts: () => cuts };
}
