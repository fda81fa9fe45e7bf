import { once } from "node:events";
import { connect } from "node:net";
import { serialize } from "pg-protocol";
import type { DatabaseError } from "pg-protocol/dist/messages.js";
import { Parser } from "pg-protocol/dist/parser.js";
import { readFrame } from "./wire/read";

const REQUESTS: Readonly<Record<number, string>> = { 0: "let in", 3: "asked for cleartext" };

/** What a server first answers to a startup without TLS, as no driver shows it. */
export async function firstAnswer(port: number, user: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(serialize.startup({ user, database: "defaultdb" }));
  const frame = await readFrame(socket);
  socket.destroy();
  if (frame?.type === "R") {
    const kind = frame.bytes.readInt32BE(5);
    const mechanisms = frame.bytes.toString("latin1", 9).split("\0").filter(Boolean).join(", ");
    return REQUESTS[kind] ?? (kind === 10 ? `asked for SASL: ${mechanisms}` : `request ${kind}`);
  }
  let refusal = "nothing";
  if (frame !== undefined) {
    new Parser().parse(frame.bytes, (message) => {
      const { severity, code, message: text } = message as DatabaseError;
      refusal = `${severity} ${code}: ${text}`;
    });
  }
  return refusal;
}
