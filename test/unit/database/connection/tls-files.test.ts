import { createPrivateKey } from "node:crypto";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { isOpenToOthers } from "../../../../src/database/connection/parameters/tls-files";
import { UserError } from "../../../../src/errors";
import { checkConnection } from "../../../../src/provider/connection/connection-rule";
import { temporaryFolder } from "../../../../tools/temporary-folder.mts";
import { createAuthority } from "../../../support/certificates";

const authority = createAuthority();
const { cert, key } = authority.issueClient("me");
const cutOff = cert.slice(0, cert.length / 2);
const encrypted = createPrivateKey(key)
  .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "right" })
  .toString();
const weak = createAuthority("sha256", { bits: 1024 }).issueClient("me");

const folder = temporaryFolder("files");
afterAll(() => rmSync(folder, { recursive: true }));

/** A connection whose files are these. */
function check(
  files: Record<string, string | Buffer>,
  others: Record<string, string> = {},
  mode = 0o600,
): void {
  const connection: Record<string, string> = { host: "h", sslmode: "verify-full", ...others };
  for (const [parameter, text] of Object.entries(files)) {
    const file = join(folder, parameter);
    writeFileSync(file, text);
    chmodSync(file, mode);
    connection[parameter] = file;
  }
  checkConnection(connection, { PGUSER: "me" });
}

describe("the files of a connection are read in the preview; taken are", () => {
  it.each<[string, Record<string, string>, Record<string, string>?]>([
    ["a root certificate", { sslrootcert: authority.cert }],
    [
      "several, and words between them",
      { sslrootcert: `one\n${createAuthority().cert}two\n${authority.cert}` },
    ],
    ["a certificate and its key", { sslcert: cert, sslkey: key }],
    ["a certificate with its chain", { sslcert: cert + authority.cert, sslkey: key }],
    ["both in each file", { sslcert: key + cert, sslkey: cert + key }],
    ["an encrypted key and its passphrase", { sslcert: cert, sslkey: encrypted }, { sslpassword: "right" }],
    ["a passphrase that is not needed", { sslcert: cert, sslkey: key }, { sslpassword: "any" }],
    ["a list of what was revoked", { sslrootcert: authority.cert, sslcrl: authority.revoke() }],
  ])("%s", (_case, files, others) => {
    expect(() => check(files, others)).not.toThrow();
  });
});

describe("and refused in one sentence, without OpenSSL's words", () => {
  const NO_ROOT = /^the file of sslrootcert is no certificate in PEM: .+sslrootcert; /;
  it.each<[string, Record<string, string>, RegExp, Record<string, string>?]>([
    // Of these, Node would have made no roots, or its public ones.
    ["an empty root certificate", { sslrootcert: "" }, NO_ROOT],
    ["blank lines for a root certificate", { sslrootcert: "\n\n" }, NO_ROOT],
    ["words for a root certificate", { sslrootcert: "certificate" }, NO_ROOT],
    ["a key for a root certificate", { sslrootcert: key }, NO_ROOT],
    ["a root certificate that is cut off", { sslrootcert: cutOff }, NO_ROOT],
    ["one of several that is cut off", { sslrootcert: authority.cert + cutOff }, NO_ROOT],
    [
      "one of several that is broken",
      { sslrootcert: cert.replace(/\n.{9}/, "\n") + authority.cert },
      NO_ROOT,
    ],
    ["an empty certificate", { sslcert: "", sslkey: key }, /^the file of sslcert is no certificate in PEM/],
    [
      "a broken certificate",
      { sslcert: cutOff, sslkey: key },
      /^the file of sslcert is no certificate in PEM/,
    ],
    ["an empty key", { sslcert: cert, sslkey: "" }, /^the file of sslkey is no private key in PEM/],
    [
      "a certificate for a key",
      { sslcert: cert, sslkey: cert },
      /^the file of sslkey is no private key in PEM/,
    ],
    [
      "a key that is cut off",
      { sslcert: cert, sslkey: key.slice(0, 400) },
      /^the file of sslkey is no private key/,
    ],
    [
      "another certificate's key",
      { sslcert: cert, sslkey: authority.key },
      /^the key in .+sslkey \(sslkey\) is not that of the certificate \(sslcert\); name the one that is$/,
    ],
    [
      "an encrypted key alone",
      { sslcert: cert, sslkey: encrypted },
      /^the key in .+sslkey \(sslkey\) is encrypted; give its passphrase as sslpassword$/,
    ],
    [
      "an encrypted key and another passphrase",
      { sslcert: cert, sslkey: encrypted },
      /^sslpassword does not open the key in .+sslkey \(sslkey\); correct it$/,
      { sslpassword: "Canary" },
    ],
    ["a key that anybody can find out", { sslcert: weak.cert, sslkey: weak.key }, /too weak for TLS/],
    ["an empty list of what was revoked", { sslcrl: "" }, /^the file of sslcrl is no revocation list in PEM/],
    ["a certificate for such a list", { sslcrl: cert }, /^the file of sslcrl is no revocation list in PEM/],
    [
      "such a list that is cut off",
      { sslcrl: authority.revoke() + authority.revoke().slice(0, 200) },
      /^the file of sslcrl is no revocation list in PEM/,
    ],
  ])("%s", (_case, files, sentence, others) => {
    const attempt = () => check(files, others);
    expect(attempt).toThrow(UserError);
    expect(attempt).toThrow(sentence);
    expect(attempt).not.toThrow(/Canary|error:|\n/);
  });

  it.each([
    ["sslrootcert", /^the file of sslrootcert is no plain file: /],
    ["sslcert", /^the file of sslcert is no plain file: /],
    ["sslcrl", /^the file of sslcrl is no plain file: /],
    ["sslcrldir", /^the folder of sslcrldir has no revocation list: /],
  ])("an empty folder for %s", (parameter, sentence) => {
    const sub = join(folder, "folder");
    mkdirSync(sub, { recursive: true });
    expect(() => check({}, { [parameter]: sub })).toThrow(sentence);
  });

  it.each(["sslrootcert", "sslcert", "sslcrl", "sslcrldir"])("nothing for %s", (parameter) => {
    expect(() => check({}, { [parameter]: join(folder, "none") })).toThrow(
      new RegExp(`^the file of ${parameter} cannot be read: .+none \\[ENOENT\\]$`),
    );
  });

  it("a certificate's key that is not there", () => {
    expect(() => check({ sslcert: cert }, { sslkey: join(folder, "none") })).toThrow(
      /^the file of sslkey cannot be read: .+none \[ENOENT\]$/,
    );
  });

  it.each([0o644, 0o604, 0o620, 0o660, 0o610])("a key that others may use: mode %o", (mode) => {
    expect(() => check({ sslcert: cert, sslkey: key }, {}, mode)).toThrow(
      /^others than its owner may use the key in .+sslkey \(sslkey\); run chmod 0600 .+$/,
    );
  });
});

describe("whose key may be read by whom, as in libpq", () => {
  it.each([
    ["the user's, by the user", 1000, 0o600, false],
    ["the user's, by nobody else", 1000, 0o400, false],
    ["the user's, by its group", 1000, 0o640, true],
    ["the user's, by all", 1000, 0o604, true],
    ["root's, by its group", 0, 0o640, false],
    ["root's, written by its group", 0, 0o660, true],
    ["root's, by all", 0, 0o644, true],
  ])("%s", (_case, uid, mode, open) => {
    expect(isOpenToOthers({ uid, mode: 0o100000 | mode })).toBe(open);
  });
});
