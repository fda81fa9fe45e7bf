import { type ClientOptions, type ServerOptions, startClient, startServer } from "../../../../src/scram";
import { parseStoredVerifier } from "../../../../src/scram/verifier-text";
import rfc from "../vectors/rfc7677.json";

/** The five messages of RFC 7677 section 3, with its nonces. */
export const clientNonce = "rOprNGfwEbeRWgbNEkqO";
export const serverNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
export const clientFirst = `n,,${rfc.clientFirstMessageBare}`;
export const serverFirst = rfc.serverFirstMessage;
export const clientFinal = `${rfc.clientFinalMessageWithoutProof},p=${rfc.clientProof}`;
export const serverFinal = `v=${rfc.serverSignature}`;

/** The verifier of "pencil" there. */
export const verifier = parseStoredVerifier(
  "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
);

/** The SHA-256 hash of `a certificate`. */
export const certificateHash = Buffer.from("gazXYhQPppKhQoItL75NxvVLyqUB9oqzflru0Lr+TZk=", "base64");
export const mockKey = Buffer.alloc(32, "mock");

export function rfcClient(options: Partial<ClientOptions> = {}) {
  return startClient({ password: rfc.password, user: "user", nonce: clientNonce, ...options });
}

export function rfcServer(options: Partial<ServerOptions> = {}) {
  const lookup = (user: string) => (user === "user" ? verifier : undefined);
  return startServer({ lookup, mockKey, nonce: serverNonce, ...options });
}

/** A message in a vector: text or, in hex, octets, and perhaps an x many times over behind it. */
export function messageOf(vector: { message?: string; hex?: string; pad?: number }): string | Uint8Array {
  if (vector.hex !== undefined) return Buffer.from(vector.hex, "hex");
  return (vector.message ?? "") + "x".repeat(vector.pad ?? 0);
}
