import { UserError } from "../../errors";
import { KEY_LENGTH } from "../keys";
import { badLayout, readAttributes, readBase64, readMessage } from "./message";

const NAME = "client-final-message";

/** `c=<cbind-input>,r=<nonce>` (RFC 5802 section 7): the part of it that is signed. */
export function clientFinalMessageWithoutProof(cbindInput: Buffer, nonce: string): string {
  return `c=${cbindInput.toString("base64")},r=${nonce}`;
}

export function clientFinalMessage(withoutProof: string, clientProof: Buffer): string {
  return `${withoutProof},p=${clientProof.toString("base64")}`;
}

/** What a client-final-message says. */
export interface ClientFinal {
  readonly cbindInput: Buffer;
  readonly nonce: string;
  /** 32 bytes. */
  readonly clientProof: Buffer;
  /** To the letter, extensions included. */
  readonly clientFinalMessageWithoutProof: string;
}

/**
 * The server's reading of the message.
 *
 * @throws UserError `message-oversized`, `message-encoding`, `message-layout`, `message-base64`, `mandatory-extension`,
 * `proof-length`
 */
export function parseClientFinalMessage(message: string | Uint8Array): ClientFinal {
  const text = readMessage(NAME, message);
  // The proof comes last, behind any extensions: what came after it would not be signed.
  const proofAt = text.lastIndexOf(",");
  if (proofAt === -1) throw badLayout(NAME, ["c", "r", "p"]);
  const clientFinalMessageWithoutProof = text.slice(0, proofAt);
  const { c, r: nonce } = readAttributes(NAME, clientFinalMessageWithoutProof, ["c", "r"]);
  const { p } = readAttributes(NAME, text.slice(proofAt + 1), ["p"]);

  const clientProof = readBase64(NAME, "p", p);
  if (clientProof.length !== KEY_LENGTH) {
    throw new UserError("proof-length", `The client's proof has ${clientProof.length} bytes`, {
      hint: `that of SCRAM-SHA-256 has ${KEY_LENGTH}`,
    });
  }
  return { cbindInput: readBase64(NAME, "c", c), nonce, clientProof, clientFinalMessageWithoutProof };
}
