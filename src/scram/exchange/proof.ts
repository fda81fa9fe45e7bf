import { equalBytes, hash, hmac, type Keys } from "../keys";

/** RFC 5802 section 3; the messages to the letter as they were sent. */
export function authMessage(
  clientFirstMessageBare: string,
  serverFirstMessage: string,
  clientFinalMessageWithoutProof: string,
): string {
  return `${clientFirstMessageBare},${serverFirstMessage},${clientFinalMessageWithoutProof}`;
}

/** ClientKey XOR ClientSignature */
export function clientProof(keys: Pick<Keys, "clientKey" | "storedKey">, authMessage: string): Buffer {
  return xor(keys.clientKey, clientSignature(keys.storedKey, authMessage));
}

/** HMAC(ServerKey, AuthMessage): only who has the verifier can make it. */
export function serverSignature(serverKey: Buffer, authMessage: string): Buffer {
  return hmac(serverKey, authMessage);
}

/** Whether the proof holds a ClientKey whose hash is StoredKey; compared in constant time. */
export function provesPassword(clientProof: Buffer, storedKey: Buffer, authMessage: string): boolean {
  const clientKey = xor(clientProof, clientSignature(storedKey, authMessage));
  return equalBytes(hash(clientKey), storedKey);
}

function clientSignature(storedKey: Buffer, authMessage: string): Buffer {
  return hmac(storedKey, authMessage);
}

/** Of two as long. */
function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, i) => byte ^ (b[i] ?? 0)));
}
