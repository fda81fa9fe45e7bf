import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readdirSync, readFileSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { UserError } from "../../../errors";

/**
 * Certificates in PEM, each of them tried: Node passes over what is none, and takes an empty text of roots for its public ones.
 *
 * @throws UserError `connection-tls`
 */
export function readCertificates(parameter: "sslrootcert" | "sslcert", file: string): string {
  const text = read(parameter, file);
  const all = blocks(text, "(?:X509 |TRUSTED )?CERTIFICATE");
  if (all.length === 0 || !all.every((pem) => succeeds(() => new X509Certificate(pem))))
    throw refused(
      `the file of ${parameter} is no certificate in PEM: ${file}`,
      "correct the file or its name",
    );
  return text;
}

/**
 * The key of a certificate, in PEM and no longer encrypted.
 *
 * @throws UserError `connection-tls`
 */
export function readKey(file: string, passphrase: string | undefined, certificate: string): string {
  const text = read("sslkey", file);
  if (process.platform !== "win32" && isOpenToOthers(statSync(file)))
    throw refused(`others than its owner may use the key in ${file} (sslkey)`, `run chmod 0600 ${file}`);
  const key = decrypted(text, file, passphrase);
  if (!new X509Certificate(certificate).checkPrivateKey(key)) {
    throw refused(
      `the key in ${file} (sslkey) is not that of the certificate (sslcert)`,
      "name the one that is",
    );
  }
  const pem = key.export({ type: "pkcs8", format: "pem" }).toString();
  if (!succeeds(() => createSecureContext({ cert: certificate, key: pem, ca: [] }))) {
    throw refused(
      `the certificate of sslcert and its key in ${file} are too weak for TLS`,
      "have a stronger one issued",
    );
  }
  return pem;
}

/** As in libpq: a key of root's may be read by the group, as services get theirs; no other key. */
export function isOpenToOthers({ uid, mode }: Pick<Stats, "uid" | "mode">): boolean {
  return (mode & (uid === 0 ? 0o037 : 0o077)) !== 0;
}

function decrypted(text: string, file: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: text, passphrase: passphrase ?? "" });
  } catch {
    if (!text.includes("ENCRYPTED"))
      throw refused(`the file of sslkey is no private key in PEM: ${file}`, "correct the file or its name");
    throw passphrase === undefined
      ? refused(`the key in ${file} (sslkey) is encrypted`, "give its passphrase as sslpassword")
      : refused(`sslpassword does not open the key in ${file} (sslkey)`, "correct it");
  }
}

/**
 * Lists of revoked certificates, in a file or in a folder as OpenSSL's `rehash` names them. One PEM each: Node reads the first
 * of a text alone.
 *
 * @throws UserError `connection-tls`
 */
export function readRevocationLists(file: string | undefined, folder: string | undefined): string[] {
  const inFile = file === undefined ? [] : revocationListsIn("sslcrl", file);
  if (folder === undefined) return inFile;
  const names = filesIn(folder).filter((name) => /^[0-9a-f]{8}\.r\d+$/.test(name));
  if (names.length === 0)
    throw refused(`the folder of sslcrldir has no revocation list: ${folder}`, "run openssl rehash on it");
  return [...inFile, ...names.flatMap((name) => revocationListsIn("sslcrldir", join(folder, name)))];
}

function revocationListsIn(parameter: string, file: string): string[] {
  const all = blocks(read(parameter, file), "X509 CRL");
  if (all.length === 0 || !all.every((crl) => succeeds(() => createSecureContext({ ca: [], crl }))))
    throw refused(
      `the file of ${parameter} is no revocation list in PEM: ${file}`,
      "correct the file or its name",
    );
  return all;
}

/** What is between the BEGIN of one thing and of the next, so that what was cut off is not overlooked. */
function blocks(text: string, label: string): string[] {
  return text.match(new RegExp(`-----BEGIN ${label}-----(?:(?!-----BEGIN).)*`, "gs")) ?? [];
}

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}

function read(parameter: string, file: string): string {
  return found(parameter, file, () => {
    // What is no plain file might never end.
    if (!statSync(file).isFile())
      throw refused(`the file of ${parameter} is no plain file: ${file}`, "name one");
    return readFileSync(file, "utf8");
  });
}

function filesIn(folder: string): string[] {
  return found("sslcrldir", folder, () => readdirSync(folder));
}

function found<T>(parameter: string, path: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError("connection-tls", `the file of ${parameter} cannot be read: ${path} [${code}]`);
  }
}

function refused(problem: string, hint: string): UserError {
  return new UserError("connection-tls", problem, { hint });
}
