import { generateKeyPairSync } from "node:crypto";
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
 */
export function createAuthority(hash: Hash = "sha256"): Certificate & {
  /** For a server: the names and addresses it is reached by. */
  issueServer(...names: string[]): Certificate;
  /** For a database user. */
  issueClient(user: string): Certificate;
} {
  const authority = issue("pulumi-scram test authority", [{ name: "basicConstraints", cA: true }], hash);
  return {
    ...authority,
    issueServer: (...names) => {
      const altNames = names.map((name) =>
        /^[\d.]+$/.test(name) ? { type: 7, ip: name } : { type: 2, value: name },
      );
      return issue(names[0] ?? "", [{ name: "subjectAltName", altNames }], hash, authority);
    },
    issueClient: (user) => issue(user, [{ name: "extKeyUsage", clientAuth: true }], hash, authority),
  };
}

function issue(commonName: string, extensions: object[], hash: Hash, issuer?: Certificate): Certificate {
  const pair = generateKeyPairSync("rsa", {
    modulusLength: 2048,
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
