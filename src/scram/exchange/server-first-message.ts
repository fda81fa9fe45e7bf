import { UserError } from "../../errors";
import { badLayout, readAttributes, readBase64, readMessage } from "./message";
import { checkServerNonce } from "./nonce";

const NAME = "server-first-message";

/** What a server-first-message says. */
export interface ServerFirst {
  /** The client's nonce and the server's behind it. */
  readonly nonce: string;
  /** At least 1 byte. The user's, or one that the server made up for a user without a SCRAM verifier. */
  readonly salt: Buffer;
  /** A positive whole number; whether it is too low or too high is for the reader to judge. */
  readonly iterations: number;
}

/** `r=<nonce>,s=<salt>,i=<iterations>` (RFC 5802 section 7) */
export function serverFirstMessage({ nonce, salt, iterations }: ServerFirst): string {
  return `r=${nonce},s=${salt.toString("base64")},i=${iterations}`;
}

/**
 * The client's reading of the message. It stands alone: who only asks for salt and iteration count opens an exchange with
 * {@link clientFirstMessage}, reads the answer with this, and hangs up.
 *
 * @param message octets or text, up to 4,096 bytes
 * @param clientNonce as sent
 * @throws UserError `message-oversized`, `message-encoding`, `message-layout`, `message-base64`, `mandatory-extension`,
 * `nonce-characters`, `nonce-mismatch`, `salt-empty`
 * @example
 * const nonce = makeNonce();
 * // send clientFirstMessage(nonce) with the mechanism SCRAM-SHA-256, receive serverFirst
 * const { salt, iterations } = parseServerFirstMessage(serverFirst, nonce);
 */
export function parseServerFirstMessage(message: string | Uint8Array, clientNonce: string): ServerFirst {
  const names = ["r", "s", "i"] as const;
  const { r: nonce, s, i } = readAttributes(NAME, readMessage(NAME, message), names);
  checkServerNonce(nonce, clientNonce);
  const salt = readBase64(NAME, "s", s);
  if (salt.length === 0) throw new UserError("salt-empty", "The server's salt is empty");
  const iterations = Number(i);
  if (!/^[1-9][0-9]*$/.test(i) || !Number.isSafeInteger(iterations)) throw badLayout(NAME, names);
  return { nonce, salt, iterations };
}
