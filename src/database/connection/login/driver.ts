import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import pg from "pg";

/**
 * What we use of node-postgres and its types do not promise, read from version 8.23.1, to which package.json pins it: with another one,
 * compare this file with its lib/connection.js and lib/client.js.
 */

/** What a client says before it may ask anything. */
export interface Frontend {
  stream: Socket | TLSSocket;
  requestSsl(): void;
  startup(parameters: Readonly<Record<string, string>>): void;
  password(answer: string): void;
  sendSASLInitialResponseMessage(mechanism: string, response: string): void;
  sendSCRAMClientFinalMessage(response: string): void;
}

/** The connection of a client. */
export interface DriverConnection extends Frontend, EventEmitter {
  connect(): void;
  query(text: string): void;
  sync(): void;
  end(): void;
  /** Whether there is anything to end. */
  _connecting: boolean;
  /** Reads what a stream brings, and emits an event for each message. */
  attachListeners(stream: EventEmitter): void;
}

/** For its messages only. */
export function newFrontend(): Frontend {
  return new pg.Connection() as unknown as Frontend;
}

export function connectionOf(client: pg.ClientBase): DriverConnection {
  return (client as unknown as { readonly connection: DriverConnection }).connection;
}
