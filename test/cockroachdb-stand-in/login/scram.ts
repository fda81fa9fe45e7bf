import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { UserError } from "../../../src/errors";
import type { Verifier } from "../../../src/scram/verifier";
import { parseStoredVerifier } from "../../../src/scram/verifier-text";
import { authenticationSasl, authenticationSaslContinue, authenticationSaslFinal } from "../wire/messages";
import { unimplemented } from "../wire/sql-error";
import { type Attempt, passwordFailed, readAnswer } from "./attempt";

/** The server's side of RFC 5802, in the order of the exchange. */
export async function scram({ visitor, user }: Attempt): Promise<void> {
  const { stream } = visitor;
  stream.write(authenticationSasl);
  const { gs2Header, clientFirstMessageBare } = clientFirstMessage(await readAnswer(stream));
  // Facts 4.4: without a usable hash, or past its time, it ends here; no `e=` message.
  const verifier = usableVerifier(user.hash);
  if (verifier === undefined || user.expired) throw passwordFailed(user.name);

  const nonce = (/r=([^,]+)/.exec(clientFirstMessageBare)?.[1] ?? "") + randomBytes(18).toString("base64");
  const serverFirstMessage = `r=${nonce},s=${verifier.salt.toString("base64")},i=${verifier.iterations}`;
  stream.write(authenticationSaslContinue(serverFirstMessage));

  const clientFinalMessage = (await readAnswer(stream)).toString();
  const [, withoutProof = "", proof = ""] = /^(.*),p=(.*)$/s.exec(clientFinalMessage) ?? [];
  const expected = `c=${Buffer.from(gs2Header).toString("base64")},r=${nonce}`;
  const authMessage = `${clientFirstMessageBare},${serverFirstMessage},${withoutProof}`;
  if (withoutProof !== expected || !proves(verifier, authMessage, Buffer.from(proof, "base64"))) {
    throw passwordFailed(user.name);
  }
  stream.write(authenticationSaslFinal(`v=${hmac(verifier.serverKey, authMessage).toString("base64")}`));
}

/** SASLInitialResponse: mechanism, length, message. The user name in it is ignored (facts 4.4). */
function clientFirstMessage(answer: Buffer): { gs2Header: string; clientFirstMessageBare: string } {
  const end = answer.indexOf(0);
  const mechanism = answer.toString("utf8", 0, end);
  const [, gs2Header = "", clientFirstMessageBare = ""] =
    /^((?:[yn]|p=[^,]*),[^,]*,)(.*)$/s.exec(answer.toString("utf8", end + 5)) ?? [];
  if (mechanism !== "SCRAM-SHA-256" || !/^[yn],/.test(gs2Header)) {
    throw unimplemented("channel binding not supported");
  }
  return { gs2Header, clientFirstMessageBare };
}

/** ClientKey = ClientProof XOR ClientSignature; its hash is StoredKey. */
function proves({ storedKey }: Verifier, authMessage: string, proof: Buffer): boolean {
  const clientSignature = hmac(storedKey, authMessage);
  if (proof.length !== clientSignature.length) return false;
  const clientKey = Buffer.from(proof.map((byte, i) => byte ^ (clientSignature[i] ?? 0)));
  return timingSafeEqual(createHash("sha256").update(clientKey).digest(), storedKey);
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

/** Facts 4.4: below 4096 iterations, or when it can't be decoded, it is no hash. */
export function usableVerifier(hash: string): Verifier | undefined {
  try {
    const verifier = parseStoredVerifier(hash);
    return verifier.iterations < 4096 ? undefined : verifier;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
