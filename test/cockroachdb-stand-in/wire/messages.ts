import { Writer } from "pg-protocol/dist/buffer-writer.js";
import { bodyOf, type Frame } from "./read";
import type { SqlError } from "./sql-error";

/** Messages of the server, by their names in the protocol. */
export const authenticationOk = authentication(0);
export const authenticationCleartextPassword = authentication(3);

/** Facts 4.4: SCRAM-SHA-256 only, without channel binding. */
export const authenticationSasl = authenticationSaslOffer(["SCRAM-SHA-256"]);

export function authenticationSaslOffer(mechanisms: readonly string[]): Buffer {
  return authentication(10, Buffer.from(`${mechanisms.join("\0")}\0\0`));
}

export function authenticationSaslContinue(text: string): Buffer {
  return authentication(11, Buffer.from(text));
}

export function authenticationSaslFinal(text: string): Buffer {
  return authentication(12, Buffer.from(text));
}

export function parameterStatus(name: string, value: string): Buffer {
  return message("S", new Writer().addCString(name).addCString(value));
}

export function backendKeyData(processId: number): Buffer {
  return message("K", new Writer().addInt32(processId).addInt32(0));
}

/** @param status I: idle, T: in a transaction, E: in a failed one */
export function readyForQuery(status: string): Buffer {
  return message("Z", new Writer().addString(status));
}

export function commandComplete(tag: string): Buffer {
  return message("C", new Writer().addCString(tag));
}

export const parseComplete = message("1", new Writer());
export const bindComplete = message("2", new Writer());
export const closeComplete = message("3", new Writer());
export const noData = message("n", new Writer());
export const emptyQueryResponse = message("I", new Writer());

/** Every parameter is text (OID 25). */
export function parameterDescription(count: number): Buffer {
  const writer = new Writer().addInt16(count);
  for (let i = 0; i < count; i++) writer.addInt32(25);
  return message("t", writer);
}

/** A description of one column, under another name. */
export function rowDescription(frame: Frame, column: string): Buffer {
  const body = bodyOf(frame);
  const afterName = body.subarray(body.indexOf(0, 2) + 1);
  return message("T", new Writer().addInt16(1).addCString(column).add(afterName));
}

/** Facts 4.1: errors have severity ERROR, before authentication too, where PostgreSQL says FATAL. */
export function errorResponse({ code, message: text, detail, hint }: SqlError): Buffer {
  return message("E", notice("ERROR", code, text, detail, hint));
}

export function noticeResponse(text: string): Buffer {
  return message("N", notice("NOTICE", "00000", text));
}

function notice(severity: string, code: string, text: string, detail?: string, hint?: string): Writer {
  const writer = new Writer();
  const fields: Record<string, string | undefined> = {
    S: severity,
    V: severity,
    C: code,
    M: text,
    D: detail,
    H: hint,
  };
  for (const [letter, value] of Object.entries(fields)) {
    if (value !== undefined) writer.addString(letter).addCString(value);
  }
  return writer.addString("\0");
}

function authentication(kind: number, data: Buffer = Buffer.alloc(0)): Buffer {
  return message("R", new Writer().addInt32(kind).add(data));
}

function message(type: string, body: Writer): Buffer {
  return body.flush(type.charCodeAt(0));
}
