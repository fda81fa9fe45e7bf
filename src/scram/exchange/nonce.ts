import { randomBytes } from "node:crypto";
import { UserError } from "../../errors";

/** printable (RFC 5802 section 7): ASCII without space and comma. */
const PRINTABLE = /^[\x21-\x2b\x2d-\x7e]+$/;

/**
 * A nonce, new at each call: 24 random bytes in base64, where PostgreSQL draws 18.
 *
 * @example
 * const nonce = makeNonce(); // "tT9Mo1jkGQvYgDWUJPrEybYZ0LYG7RPs", say
 */
export function makeNonce(): string {
  return randomBytes(24).toString("base64");
}

/** @throws UserError `nonce-characters` */
export function checkNonce(nonce: string): void {
  if (!PRINTABLE.test(nonce)) {
    throw new UserError("nonce-characters", "A nonce is empty or has other characters than printable ASCII", {
      hint: "space and comma are none of it either",
    });
  }
}

/**
 * RFC 5802 section 5.1: the client makes sure that the nonce begins with its own. And goes on, or the server has
 * added nothing and an old exchange could be replayed to us.
 *
 * @throws UserError `nonce-characters`, `nonce-mismatch`
 */
export function checkServerNonce(nonce: string, clientNonce: string): void {
  checkNonce(nonce);
  if (!nonce.startsWith(clientNonce) || nonce.length === clientNonce.length) {
    throw new UserError("nonce-mismatch", "The server's nonce does not continue the client's", {
      hint: "its message belongs to another exchange, or somebody else answers",
    });
  }
}
