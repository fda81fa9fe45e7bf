import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { expect, it } from "vitest";
import { cbindInput } from "../../../../src/scram/exchange/channel-binding";
import {
  clientFinalMessage,
  clientFinalMessageWithoutProof,
  parseClientFinalMessage,
} from "../../../../src/scram/exchange/client-final-message";
import {
  clientFirstMessage,
  parseClientFirstMessage,
} from "../../../../src/scram/exchange/client-first-message";
import { authMessage } from "../../../../src/scram/exchange/proof";
import {
  parseServerFinalMessage,
  serverFinalMessage,
} from "../../../../src/scram/exchange/server-final-message";
import {
  parseServerFirstMessage,
  serverFirstMessage,
} from "../../../../src/scram/exchange/server-first-message";

/** The example of RFC 5802 section 5. Its hash is SHA-1, which is computed here; messages and what is signed are ours. */
const clientNonce = "fyko+d2lbbFgONRv9qkxdawL";
const nonce = `${clientNonce}3rfcNHYJY1ZVvWVs7j`;
const salt = Buffer.from("QSXCR+Q6sek8bf92", "base64");
const clientFirst = `n,,n=user,r=${clientNonce}`;
const serverFirst = `r=${nonce},s=QSXCR+Q6sek8bf92,i=4096`;
const clientFinal = `c=biws,r=${nonce},p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=`;
const serverFinal = "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=";

const hmac = (key: Buffer, text: string) => createHmac("sha1", key).update(text).digest();

it("client-first-message", () => {
  expect(clientFirstMessage(clientNonce, "user")).toBe(clientFirst);
  expect(parseClientFirstMessage(clientFirst)).toEqual({
    flag: "n",
    user: "user",
    nonce: clientNonce,
    clientFirstMessageBare: `n=user,r=${clientNonce}`,
  });
});

it("server-first-message", () => {
  expect(serverFirstMessage({ nonce, salt, iterations: 4096 })).toBe(serverFirst);
  expect(parseServerFirstMessage(serverFirst, clientNonce)).toEqual({ nonce, salt, iterations: 4096 });
});

it("client-final-message and server-final-message, signed over AuthMessage", () => {
  const withoutProof = clientFinalMessageWithoutProof(cbindInput("n", undefined), nonce);
  const signed = authMessage(`n=user,r=${clientNonce}`, serverFirst, withoutProof);
  const saltedPassword = pbkdf2Sync("pencil", salt, 4096, 20, "sha1");
  const clientKey = hmac(saltedPassword, "Client Key");
  const clientSignature = hmac(createHash("sha1").update(clientKey).digest(), signed);
  const clientProof = Buffer.from(clientKey.map((byte, i) => byte ^ (clientSignature[i] ?? 0)));
  const serverSignature = hmac(hmac(saltedPassword, "Server Key"), signed);

  expect(clientFinalMessage(withoutProof, clientProof)).toBe(clientFinal);
  expect(serverFinalMessage(serverSignature)).toBe(serverFinal);
  expect(parseServerFinalMessage(serverFinal)).toEqual(serverSignature);
});

it("a proof of SHA-1 is none of SCRAM-SHA-256", () => {
  expect(() => parseClientFinalMessage(clientFinal)).toThrow(/proof has 20 bytes/);
});
