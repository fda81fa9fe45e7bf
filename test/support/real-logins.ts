import { Socket } from "node:net";
import type pg from "pg";
import { getsIn } from "./gets-in";

/** A login to try on a server that listens on the loopback: what its HBA rules look at. */
export interface RealLogin {
  readonly user: string;
  /** For replication it names none. */
  readonly database: string;
  readonly replication: boolean;
  /** `local` for the Unix socket. */
  readonly address: string;
  readonly tls: boolean;
}

/** Whether the server lets each of them in, by the same password. @param socketFolder of the Unix socket */
export async function tryLogins(
  logins: readonly RealLogin[],
  { port, socketFolder, password }: { port: number; socketFolder: string; password: string },
): Promise<ReadonlyMap<RealLogin, boolean>> {
  const results = new Map<RealLogin, boolean>();
  const waiting = [...logins];
  const worker = async () => {
    for (let login = waiting.pop(); login !== undefined; login = waiting.pop()) {
      const { user, database, replication, address, tls } = login;
      const isLocal = address === "local";
      const config = {
        host: isLocal ? socketFolder : "127.0.0.1",
        port,
        user,
        database,
        password,
        ssl: tls && { rejectUnauthorized: false },
        // The types do not know it.
        ...(replication && { replication: "true" }),
        ...(!isLocal && { stream: () => comingFrom(address) }),
      };
      results.set(login, await getsIn(config as pg.ClientConfig));
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return results;
}

/** All of 127.0.0.0/8 is this machine (on Linux without being set up). */
function comingFrom(localAddress: string): Socket {
  const socket = new Socket();
  const connect = socket.connect.bind(socket) as (options: object) => Socket;
  socket.connect = ((port: number, host: string) =>
    connect({ port, host, localAddress })) as unknown as Socket["connect"];
  return socket;
}
