import { createHash, X509Certificate } from "node:crypto";
import { UserError } from "../../errors";
import { type SignatureHash, signatureHashOf } from "./signature-hash";

/**
 * The channel-binding data `tls-server-end-point` (RFC 5929 section 4.1): the hash of the server's certificate, with
 * the hash of its signature, and SHA-256 in place of MD5 and SHA-1.
 *
 * A certificate signed with Ed25519 or Ed448 has no such hash, and the RFC leaves the binding undefined.
 *
 * @param certificate in DER, as `tlsSocket.getPeerCertificate().raw`
 * @param signatureHash where the certificate does not tell it
 * @returns 28 to 64 bytes
 * @throws UserError `certificate-unreadable`, `signature-hash-unknown`
 * @example
 * const channelBinding = tlsServerEndPoint(tlsSocket.getPeerCertificate().raw);
 */
export function tlsServerEndPoint(certificate: Uint8Array, signatureHash?: SignatureHash): Buffer {
  const x509 = readCertificate(certificate);
  const hash = signatureHash ?? signatureHashOf(x509.raw);
  if (hash === undefined) {
    throw new UserError("signature-hash-unknown", "The hash of the certificate's signature can't be told", {
      hint: "name it, if the signature has one (Ed25519 does not)",
    });
  }
  return createHash(hash === "md5" || hash === "sha1" ? "sha256" : hash)
    .update(x509.raw)
    .digest();
}

function readCertificate(certificate: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(certificate);
  } catch (cause) {
    throw new UserError("certificate-unreadable", "The server's certificate can't be read", {
      hint: "give it in DER, for instance from tlsSocket.getPeerCertificate().raw",
      cause,
    });
  }
}
