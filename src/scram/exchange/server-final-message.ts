import { UserError } from "../../errors";
import { readAttributes, readBase64, readMessage } from "./message";

const NAME = "server-final-message";

/** `v=<ServerSignature>` (RFC 5802 section 7) */
export function serverFinalMessage(serverSignature: Buffer): string {
  return `v=${serverSignature.toString("base64")}`;
}

/** `e=invalid-proof`, for every reason to refuse a login alike. */
export const SERVER_ERROR = "e=invalid-proof";

/** server-error-value (RFC 5802 section 7), in the user's words. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ["invalid-encoding", "it can't read our message"],
  ["extensions-not-supported", "it does not know an extension"],
  ["invalid-proof", "the password is wrong, or the user is not known"],
  ["channel-bindings-dont-match", "it has another certificate than the one we see"],
  ["server-does-support-channel-binding", "its offer of channel binding did not reach us"],
  ["channel-binding-not-supported", "it does not support channel binding"],
  ["unsupported-channel-binding-type", "it does not support this type of channel binding"],
  ["unknown-user", "the user is not known"],
  ["invalid-username-encoding", "it can't read the user name"],
  ["no-resources", "it has no resources left"],
  ["other-error", "it does not say why"],
]);

/**
 * The client's reading of the message: the server's signature, still to be compared.
 *
 * @throws UserError `message-oversized`, `message-encoding`, `message-layout`, `message-base64`, `mandatory-extension`;
 * on a server-error `server-error-` and its value in the RFC, such as `server-error-invalid-proof`
 */
export function parseServerFinalMessage(message: string | Uint8Array): Buffer {
  const text = readMessage(NAME, message);
  if (text.startsWith("e=")) {
    const { e } = readAttributes(NAME, text, ["e"]);
    throw serverError(e);
  }
  const { v } = readAttributes(NAME, text, ["v"]);
  return readBase64(NAME, "v", v);
}

/** "Unrecognized errors should be treated as other-error": RFC 5802 section 7. */
function serverError(value: string): UserError {
  const known = REASONS.has(value) ? value : "other-error";
  return new UserError(`server-error-${known}`, `The server refuses the login: ${REASONS.get(known)}`);
}
