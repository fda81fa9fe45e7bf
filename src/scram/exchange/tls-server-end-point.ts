import { createHash, X509Certificate } from "node:crypto";
import { ScramError } from "../error";

/** The hash in a certificate's signature, by Node's name. */
export type SignatureHash = "md5" | "sha1" | "sha224" | "sha256" | "sha384" | "sha512";

/** Signature algorithms that name their one hash: RSA (PKCS #1 v1.5) and ECDSA (RFC 8017 A.2.4, RFC 5758). */
const HASHES: ReadonlyMap<string | undefined, SignatureHash> = new Map([
  ["1.2.840.113549.1.1.4", "md5"],
  ["1.2.840.113549.1.1.5", "sha1"],
  ["1.2.840.113549.1.1.14", "sha224"],
  ["1.2.840.113549.1.1.11", "sha256"],
  ["1.2.840.113549.1.1.12", "sha384"],
  ["1.2.840.113549.1.1.13", "sha512"],
  ["1.2.840.10045.4.1", "sha1"],
  ["1.2.840.10045.4.3.1", "sha224"],
  ["1.2.840.10045.4.3.2", "sha256"],
  ["1.2.840.10045.4.3.3", "sha384"],
  ["1.2.840.10045.4.3.4", "sha512"],
]);

/**
 * The channel-binding data `tls-server-end-point` (RFC 5929 section 4.1): the hash of the server's certificate, with
 * the hash of its signature, and SHA-256 in place of MD5 and SHA-1.
 *
 * Node tells the signature algorithm from 24.9 on, and never the hash of an RSASSA-PSS signature; name it then. A
 * certificate signed with Ed25519 or Ed448 has no such hash, and the RFC leaves the binding undefined.
 *
 * @param certificate in DER, as `tlsSocket.getPeerCertificate().raw`
 * @param signatureHash where the certificate does not tell it
 * @returns 28 to 64 bytes
 * @throws ScramError `certificate-unreadable`, `signature-hash-unknown`
 * @example
 * const channelBinding = tlsServerEndPoint(tlsSocket.getPeerCertificate().raw);
 */
export function tlsServerEndPoint(certificate: Uint8Array, signatureHash?: SignatureHash): Buffer {
  const x509 = readCertificate(certificate);
  const hash = signatureHash ?? HASHES.get(x509.signatureAlgorithmOid);
  if (hash === undefined) {
    throw new ScramError("signature-hash-unknown", "The hash of the certificate's signature can't be told", {
      hint: "name it, if the signature has one (RSASSA-PSS does, Ed25519 does not)",
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
    throw new ScramError("certificate-unreadable", "The server's certificate can't be read", {
      hint: "give it in DER, for instance from tlsSocket.getPeerCertificate().raw",
      cause,
    });
  }
}
