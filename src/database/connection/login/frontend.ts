import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

/** What the driver's types lack of its connection: what a client says before it may ask anything. */
export interface Frontend {
  stream: Socket | TLSSocket;
  requestSsl(): void;
  startup(parameters: Readonly<Record<string, string>>): void;
  password(answer: string): void;
  sendSASLInitialResponseMessage(mechanism: string, response: string): void;
  sendSCRAMClientFinalMessage(response: string): void;
}
