import { createSign, generateKeyPairSync } from "node:crypto";
import forge from "node-forge";

/** A certificate and its key, in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;

type Hash = "sha256" | "sha384" | "sha512";

/**
 * A certificate authority for one test run; Node has keys, but cannot make certificates.
 *
 * @param hash what it signs with
 * @param options its own name, and the length of every key
 */
export function createAuthority(
  hash: Hash = "sha256",
  { bits = 2048, name = "pulumi-scram test authority" } = {},
): Certificate & {
  /** For a server: the names and addresses it is reached by. */
  issueServer(...names: string[]): Certificate;
  /** For a database user. */
  issueClient(user: string): Certificate;
  /** A list of what it has revoked, in PEM. */
  revoke(...certificates: readonly Certificate[]): string;
} {
  const authority = issue(name, [{ name: "basicConstraints", cA: true }], hash, bits);
  return {
    ...authority,
    issueServer: (...names) => {
      const altNames = names.map((name) =>
        /^[\d.]+$/.test(name) ? { type: 7, ip: name } : { type: 2, value: name },
      );
      return issue(names[0] ?? "", [{ name: "subjectAltName", altNames }], hash, bits, authority);
    },
    issueClient: (user) => issue(user, [{ name: "extKeyUsage", clientAuth: true }], hash, bits, authority),
    revoke: (...certificates) => revocationList(authority, certificates),
  };
}

function issue(
  commonName: string,
  extensions: object[],
  hash: Hash,
  bits: number,
  issuer?: Certificate,
): Certificate {
  const pair = generateKeyPairSync("rsa", {
    modulusLength: bits,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(pair.publicKey);
  certificate.serialNumber = forge.util.bytesToHex(forge.random.getBytesSync(8)).replace(/^./, "1");
  certificate.validity.notBefore = new Date(Date.now() - DAY_MS);
  certificate.validity.notAfter = new Date(Date.now() + DAY_MS);
  const subject = [{ name: "commonName", value: commonName }];
  certificate.setSubject(subject);
  certificate.setIssuer(issuer ? forge.pki.certificateFromPem(issuer.cert).subject.attributes : subject);
  certificate.setExtensions(extensions);
  certificate.sign(forge.pki.privateKeyFromPem(issuer?.key ?? pair.privateKey), forge.md[hash].create());
  return { cert: forge.pki.certificateToPem(certificate), key: pair.privateKey };
}

/** RFC 5280, section 5.1; node-forge has certificates only. */
function revocationList(issuer: Certificate, revoked: readonly Certificate[]): string {
  const { Class, Type, create, oidToDer, dateToUtcTime, toDer } = forge.asn1;
  const of = (type: forge.asn1.Type, value: string | forge.asn1.Asn1[]) =>
    create(Class.UNIVERSAL, type, Array.isArray(value), value);
  const sequence = (...parts: forge.asn1.Asn1[]) => of(Type.SEQUENCE, parts);
  const time = (ms: number) => of(Type.UTCTIME, dateToUtcTime(new Date(Date.now() + ms)));
  const algorithm = sequence(
    of(Type.OID, oidToDer(forge.pki.oids.sha256WithRSAEncryption ?? "").getBytes()),
    of(Type.NULL, ""),
  );
  const serialOf = ({ cert }: Certificate) =>
    of(Type.INTEGER, forge.util.hexToBytes(forge.pki.certificateFromPem(cert).serialNumber));
  const entries = revoked.map((certificate) => sequence(serialOf(certificate), time(-DAY_MS / 2)));
  const list = sequence(
    of(Type.INTEGER, "\x01"),
    algorithm,
    forge.pki.distinguishedNameToAsn1(forge.pki.certificateFromPem(issuer.cert).subject),
    time(-DAY_MS),
    time(DAY_MS),
    ...(entries.length > 0 ? [sequence(...entries)] : []),
  );
  const signature = createSign("sha256").update(toDer(list).getBytes(), "latin1").sign(issuer.key, "latin1");
  const body = toDer(sequence(list, algorithm, of(Type.BITSTRING, `\0${signature}`))).getBytes();
  return forge.pem.encode({ type: "X509 CRL", body });
}
