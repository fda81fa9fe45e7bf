import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { asksForEncryption, awaitsReady, isReady, messages, statementIn } from "./wire-messages";

/** On its way to the server, or carried out with the answer on its way back. */
export type When = "before" | "after";

export interface Cut {
  /** The number of the statement, or a part of the first one that contains it. */
  readonly at: number | string;
  readonly when: When;
  /** Not before a statement has come that contains this, on the same connection. */
  readonly since?: string;
  /** Nothing gets through any more, until `heal()`. Otherwise only this one connection is lost. */
  readonly forGood?: boolean;
}

/** May take its time: the bytes wait for it. Statements are numbered from 1, over all connections. */
export type Hook = (number: number, statement: string, when: When) => unknown;

interface Statement {
  readonly number: number;
  readonly text: string;
}

interface Recording {
  readonly toServer: Buffer[];
  readonly toClient: Buffer[];
}

/** A way to a server, in plain TCP, that records what passes and breaks where it is told to. Closed when the test is over. */
export async function wireTo(target: string): Promise<Wire> {
  const { hostname, port } = new URL(target);
  const wire = new Wire(target, () => connect(Number(port), hostname));
  onTestFinished(() => wire.close());
  await wire.listen();
  return wire;
}

class Wire {
  /** Every Query and every Parse that has arrived; the first has number 1. */
  readonly statements: string[] = [];
  /** How often the wire was cut. */
  cuts = 0;
  readonly #target: string;
  readonly #reachServer: () => Socket;
  readonly #listener = createServer((client) => this.#accept(client));
  readonly #open = new Set<Socket>();
  readonly #recordings: Recording[] = [];
  #cut: Cut | undefined;
  #hook: Hook | undefined;
  #down = false;

  constructor(target: string, reachServer: () => Socket) {
    this.#target = target;
    this.#reachServer = reachServer;
  }

  /** The target's, by way of this wire. */
  get url(): string {
    const url = new URL(this.#target);
    url.hostname = "127.0.0.1";
    url.port = String((this.#listener.address() as AddressInfo).port);
    return url.href;
  }

  /** To come, once. */
  cut(cut: Cut): void {
    this.#cut = cut;
  }

  heal(): void {
    this.#down = false;
  }

  onStatement(hook: Hook): void {
    this.#hook = hook;
  }

  /** What has passed so far, by connection and direction. */
  recorded(): [name: string, bytes: Buffer][] {
    return this.#recordings.flatMap(({ toServer, toClient }, i) => [
      [`connection ${i + 1}, to the server`, Buffer.concat(toServer)],
      [`connection ${i + 1}, to the client`, Buffer.concat(toClient)],
    ]);
  }

  listen(): Promise<void> {
    return new Promise((ready) => this.#listener.listen(0, "127.0.0.1", ready));
  }

  close(): void {
    this.#listener.close();
    this.#destroyAll();
  }

  #destroyAll(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #accept(client: Socket): void {
    if (this.#down) return void client.destroy();
    const server = this.#reachServer();
    for (const socket of [client, server]) {
      this.#open.add(socket);
      // Of a failure, all that matters is the end of the messages.
      socket.setNoDelay(true).on("error", () => {});
      socket.on("close", () => this.#open.delete(socket));
    }
    this.#carry(client, server);
  }

  #carry(client: Socket, server: Socket): void {
    const recording: Recording = { toServer: [], toClient: [] };
    this.#recordings.push(recording);
    // By the ReadyForQuery that each will be answered with.
    const sent: Statement[][] = [];
    const armed = new Set<Cut>();
    const cutOff = () => {
      client.destroy();
      server.destroy();
    };

    const toServer = async () => {
      let batch: Statement[] = [];
      for await (const message of messages(client, "client", (bytes) => recording.toServer.push(bytes))) {
        if (asksForEncryption(message)) {
          client.write("N");
          continue;
        }
        const text = statementIn(message);
        if (text !== undefined) {
          const statement = { number: this.statements.push(text), text };
          if (await this.#breaksAt(statement, "before", armed)) return cutOff();
          batch.push(statement);
        }
        if (awaitsReady(message)) {
          sent.push(batch);
          batch = [];
        }
        server.write(message.bytes);
      }
      server.destroySoon();
    };

    const toClient = async () => {
      let held: Buffer[] = [];
      for await (const message of messages(server, "server", (bytes) => recording.toClient.push(bytes))) {
        held.push(message.bytes);
        if (isReady(message)) {
          for (const statement of sent.shift() ?? []) {
            if (await this.#breaksAt(statement, "after", armed)) return cutOff();
          }
        }
        if (sent.length > 0) continue;
        client.write(Buffer.concat(held));
        held = [];
      }
      // A server that goes away in the middle may have said why.
      client.write(Buffer.concat(held));
      client.destroySoon();
    };

    toServer().catch(cutOff);
    toClient().catch(cutOff);
  }

  /** @param armed the cuts for which the connection has carried what they wait for */
  async #breaksAt({ number, text }: Statement, when: When, armed: Set<Cut>): Promise<boolean> {
    await this.#hook?.(number, text, when);
    const cut = this.#cut;
    if (cut === undefined) return false;
    if (cut.since !== undefined && !armed.has(cut)) {
      if (text.includes(cut.since)) armed.add(cut);
      return false;
    }
    if (cut.when !== when) return false;
    if (typeof cut.at === "number" ? cut.at !== number : !text.includes(cut.at)) return false;
    this.#cut = undefined;
    this.cuts++;
    if (cut.forGood) {
      this.#down = true;
      this.#destroyAll();
    }
    return true;
  }
}

export type { Wire };
