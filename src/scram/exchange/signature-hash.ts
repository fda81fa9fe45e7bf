/** The hash in a certificate's signature, by Node's name. */
export type SignatureHash = "md5" | "sha1" | "sha224" | "sha256" | "sha384" | "sha512";

/** Signature algorithms that name their one hash: RSA (PKCS #1 v1.5) and ECDSA (RFC 8017 A.2.4, RFC 5758). */
const HASHES: Readonly<Record<string, SignatureHash>> = {
  "1.2.840.113549.1.1.4": "md5",
  "1.2.840.113549.1.1.5": "sha1",
  "1.2.840.113549.1.1.14": "sha224",
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  "1.2.840.10045.4.1": "sha1",
  "1.2.840.10045.4.3.1": "sha224",
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
};

/** RSASSA-PSS, whose parameters name the hash (RFC 4055 section 3.1), one of these. */
const RSASSA_PSS = "1.2.840.113549.1.1.10";
const PSS_HASHES: Readonly<Record<string, SignatureHash>> = {
  "2.16.840.1.101.3.4.2.4": "sha224",
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};

const OBJECT_IDENTIFIER = 0x06;
const SEQUENCE = 0x30;
/** `[0]` of RSASSA-PSS-params: hashAlgorithm. */
const HASH_ALGORITHM = 0xa0;

/**
 * The hash of a certificate's signature; `undefined` where it has none (Ed25519) or it is not known here. Node tells the
 * algorithm from 24.9 on, and never the parameters of RSASSA-PSS.
 *
 * @param certificate in DER, and well-formed
 */
export function signatureHashOf(certificate: Uint8Array): SignatureHash | undefined {
  // Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue } (RFC 5280 section 4.1)
  const [, algorithm] = elements(contentOf(certificate, SEQUENCE));
  const [identifier, parameters] = elements(contentOf(algorithm, SEQUENCE));
  const name = objectIdentifier(identifier);
  if (name !== RSASSA_PSS) return HASHES[name];
  const [hash] = elements(contentOf(parameters, SEQUENCE));
  // Left out, it is SHA-1.
  if (hash?.[0] !== HASH_ALGORITHM) return "sha1";
  const [hashAlgorithm] = elements(contentOf(hash, HASH_ALGORITHM));
  return PSS_HASHES[objectIdentifier(elements(contentOf(hashAlgorithm, SEQUENCE))[0])];
}

function objectIdentifier(element: Uint8Array | undefined): string {
  const [first = 0, ...rest] = contentOf(element, OBJECT_IDENTIFIER);
  const arcs = [Math.floor(first / 40), first % 40];
  let arc = 0;
  for (const byte of rest) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    arcs.push(arc);
    arc = 0;
  }
  return arcs.join(".");
}

/** Of an element with this tag; nothing of another. */
function contentOf(element: Uint8Array | undefined, tag: number): Uint8Array {
  if (element?.[0] !== tag) return new Uint8Array();
  const { start, end } = extentOf(element);
  return element.subarray(start, end);
}

/** The elements that stand one after the other in a content. */
function elements(content: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let rest = content; rest.length > 1; ) {
    const { end } = extentOf(rest);
    found.push(rest.subarray(0, end));
    rest = rest.subarray(end);
  }
  return found;
}

/** Where an element's content is: after a tag of one byte, and a length of one byte or of as many as that byte says. */
function extentOf(element: Uint8Array): { start: number; end: number } {
  const [, length = 0] = element;
  if (length < 0x80) return { start: 2, end: 2 + length };
  const start = 2 + (length & 0x7f);
  return { start, end: start + element.subarray(2, start).reduce((sum, byte) => sum * 256 + byte, 0) };
}
