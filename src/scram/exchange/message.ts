import { isUtf8 } from "node:buffer";
import { UserError } from "../../errors";
import { decodeBase64 } from "../base64";

/** The messages of an exchange, by their names in RFC 5802 section 7. */
export type MessageName =
  | "client-first-message"
  | "server-first-message"
  | "client-final-message"
  | "server-final-message";

/** The longest message read, in bytes: four times what PostgreSQL takes (PG_MAX_SASL_MESSAGE_LENGTH). */
export const MAX_MESSAGE_BYTES = 4_096;

/**
 * A message as it came, as text. Octets that come back from this text are the ones that came, so signatures over
 * it hold. No error repeats more of a message than a number: the peer is a stranger, and may mean its words for a log.
 *
 * @throws UserError `message-oversized`, `message-encoding`
 */
export function readMessage(name: MessageName, message: string | Uint8Array): string {
  // First, that nothing is done to a text of megabytes; a character is at least a byte.
  if (message.length > MAX_MESSAGE_BYTES || Buffer.byteLength(message) > MAX_MESSAGE_BYTES) {
    throw new UserError("message-oversized", `The ${name} is longer than ${MAX_MESSAGE_BYTES} bytes`);
  }
  const text = typeof message === "string" ? message : Buffer.from(message).toString("utf8");
  const wellFormed = typeof message === "string" ? message.isWellFormed() : isUtf8(message);
  if (!wellFormed || text.includes("\0")) {
    throw new UserError("message-encoding", `The ${name} is no UTF-8 text, or has a NUL in it`);
  }
  return text;
}

/** attr-val = ALPHA "=" value (RFC 5802 section 7) */
const ATTRIBUTE = /^([A-Za-z])=(.*)$/s;

/** The attributes of section 5.1. Only other letters can be an extension's; these have their one place. */
const DEFINED = "anmrcsipve";

/**
 * The values of a message's attributes, whose order is fixed. Optional extensions may follow them and "MUST be
 * ignored upon receipt"; a mandatory one, `m`, "MUST cause authentication failure" (RFC 5802 section 5.1).
 * A value may be empty: what that means is the caller's to say.
 *
 * @throws UserError `message-layout`, `mandatory-extension`
 */
export function readAttributes<const Name extends string>(
  message: MessageName,
  text: string,
  names: readonly Name[],
): Readonly<Record<Name, string>> {
  const values: Partial<Record<string, string>> = {};
  for (const [i, attribute] of text.split(",").entries()) {
    const [, name, value] = ATTRIBUTE.exec(attribute) ?? [];
    if (name === "m") {
      throw new UserError("mandatory-extension", `The ${message} demands an extension (m=)`, {
        hint: "there is none in this version of SCRAM",
      });
    }
    const expected = names[i];
    const fits = expected === undefined ? isExtension(name, value) : name === expected;
    if (name === undefined || !fits) throw badLayout(message, names);
    if (expected !== undefined) values[expected] = value ?? "";
  }
  if (!hasAll(values, names)) throw badLayout(message, names);
  return values;
}

function isExtension(name: string | undefined, value: string | undefined): boolean {
  return name !== undefined && !DEFINED.includes(name) && value !== "";
}

function hasAll<Name extends string>(
  values: Partial<Record<string, string>>,
  names: readonly Name[],
): values is Record<Name, string> {
  return names.every((name) => values[name] !== undefined);
}

export function badLayout(message: MessageName, names: readonly string[]): UserError {
  return new UserError("message-layout", `The ${message} is not of the form of RFC 5802 section 7`, {
    hint: `it takes ${names.map((name) => `${name}=…`).join(",")} in this order`,
  });
}

/**
 * The octets of an attribute.
 *
 * @throws UserError `message-base64`
 */
export function readBase64(message: MessageName, name: string, text: string): Buffer {
  const octets = decodeBase64(text);
  if (octets === undefined) {
    throw new UserError("message-base64", `${name}= of the ${message} is no canonical base64`);
  }
  return octets;
}
