import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Host } from "../../../../src/database/connection/parameters/host";
import { resolveTarget } from "../../../../src/database/connection/parameters/target";
import { tlsAttempts } from "../../../../src/database/connection/tls/tls";
import { temporaryFolder } from "../../../../tools/temporary-folder.mts";
import { createAuthority } from "../../../support/certificates";

const authority = createAuthority();
const other = createAuthority();
const client = authority.issueClient("me");
const otherClient = other.issueClient("me");

const empty = temporaryFolder("tls");
const home = temporaryFolder("tls");
const FILES: Readonly<Record<string, string>> = {
  "root.crt": authority.cert,
  "other.crt": other.cert,
  "postgresql.crt": client.cert,
  "postgresql.key": client.key,
  "client.crt": otherClient.cert,
  "client.key": otherClient.key,
};
for (const [name, text] of Object.entries(FILES)) writeFileSync(join(home, name), text, { mode: 0o600 });
afterAll(() => {
  for (const folder of [empty, home]) rmSync(folder, { recursive: true });
});

const SOMEWHERE: Host = { host: "db.example.com", port: 5432 };
const attempts = (sslmode: string, given: object = {}, folder = empty, host = SOMEWHERE) =>
  tlsAttempts(resolveTarget({ host: "h", sslmode, ...given }, {}).tls, host, folder);

/** Each attempt in a word: no TLS, or what is checked of the server's certificate. */
function words(sslmode: string, given = {}, folder = empty): string[] {
  return attempts(sslmode, given, folder).map((tls) => {
    if (tls === false) return "plain";
    if (tls.rejectUnauthorized === false) return "unchecked";
    const [root = "public roots"] = Object.keys(FILES).filter((name) => FILES[name] === tls.ca);
    return `${root}, ${tls.checkServerIdentity === undefined ? "name" : "any name"}`;
  });
}

describe("sslmode has libpq's meaning", () => {
  const root = { sslrootcert: join(home, "other.crt") };
  it.each<[string, object, string, string[]]>([
    ["disable", root, empty, ["plain"]],
    ["allow", {}, empty, ["plain", "unchecked"]],
    ["prefer", {}, empty, ["unchecked", "plain"]],
    ["prefer", root, empty, ["unchecked", "plain"]],
    ["require", {}, empty, ["unchecked"]],
    ["require", root, empty, ["other.crt, any name"]],
    ["require", {}, home, ["root.crt, any name"]],
    ["verify-ca", root, empty, ["other.crt, any name"]],
    ["verify-ca", {}, home, ["root.crt, any name"]],
    ["verify-full", root, home, ["other.crt, name"]],
    ["verify-full", {}, home, ["root.crt, name"]],
    ["verify-full", {}, empty, ["public roots, name"]],
    ["verify-full", { sslrootcert: "system" }, home, ["public roots, name"]],
  ])("%s %j", (sslmode, given, folder, expected) => {
    expect(words(sslmode, given, folder)).toEqual(expected);
  });

  it.each(["require", "verify-ca", "verify-full"])(
    "%s does not leave it to Node whether to check",
    (sslmode) => {
      expect(attempts(sslmode, root)).toMatchObject([{ rejectUnauthorized: true }]);
    },
  );

  it("the client's certificate is taken from libpq's folder, or from where it is said to be", () => {
    expect(attempts("require", {}, home)).toMatchObject([{ cert: client.cert }]);
    const given = { sslcert: join(home, "client.crt"), sslkey: join(home, "client.key") };
    expect(attempts("require", given)).toMatchObject([{ cert: otherClient.cert }]);
    expect(attempts("require")[0]).not.toHaveProperty("cert");
  });

  it("and is not shown where sslcertmode forbids it", () => {
    expect(attempts("require", { sslcertmode: "disable" }, home)[0]).not.toHaveProperty("cert");
  });

  it("verify-ca without a root certificate is refused", () => {
    expect(() => attempts("verify-ca")).toThrow(/verify-ca needs a root certificate/);
    expect(words("verify-ca", {}, home)).toEqual(["root.crt, any name"]);
  });

  it("the versions of TLS are those that are allowed, whatever Node's own", () => {
    expect(attempts("require")).toMatchObject([{ minVersion: "TLSv1.2" }]);
    const given = { ssl_min_protocol_version: "TLSv1.3", ssl_max_protocol_version: "TLSv1.3" };
    expect(attempts("require", given)).toMatchObject([{ minVersion: "TLSv1.3", maxVersion: "TLSv1.3" }]);
  });
});

describe("a host", () => {
  it.each([
    [
      { host: "db.example.com", address: "10.0.0.1" },
      { host: "db.example.com", servername: "db.example.com" },
    ],
    // A certificate may name an address; the extension for names may not (RFC 6066).
    [{ host: "10.0.0.2", address: "10.0.0.1" }, { host: "10.0.0.2" }],
  ])("%j is checked by its name", (host, expected) => {
    const [tls] = attempts("verify-full", {}, home, { ...SOMEWHERE, ...host });
    expect(tls).toMatchObject(expected);
    expect(Object.keys(tls || {})).toEqual(expect.arrayContaining(Object.keys(expected)));
  });

  it("that is a socket has no TLS, nor needs its files", () => {
    const given = { sslrootcert: join(home, "none") };
    expect(attempts("verify-full", given, empty, { ...SOMEWHERE, host: "/tmp" })).toEqual([false]);
  });
});

describe("revoked certificates", () => {
  const list = authority.revoke(client);
  const crl = join(home, "list.pem");
  writeFileSync(crl, list + authority.revoke());
  const root = { sslrootcert: join(home, "root.crt") };

  it("are those of all lists in a file", () => {
    const [tls] = attempts("verify-full", { ...root, sslcrl: crl });
    expect(tls).toMatchObject({
      crl: [expect.stringContaining("X509 CRL"), expect.stringContaining("X509 CRL")],
    });
  });

  it("and of the files in a folder that OpenSSL would find", () => {
    const sslcrldir = mkdtempSync(join(home, "lists-"));
    for (const name of ["0123abcd.r0", "0123abcd.r1", "README", "0123abcd.0"])
      writeFileSync(join(sslcrldir, name), list);
    const [tls] = attempts("verify-full", { ...root, sslcrldir });
    expect(tls).toHaveProperty("crl.length", 2);
  });

  it("of libpq's own file, where its root certificate is used", () => {
    const folder = mkdtempSync(join(home, "folder-"));
    writeFileSync(join(folder, "root.crt"), authority.cert);
    writeFileSync(join(folder, "root.crl"), list);
    expect(attempts("verify-full", {}, folder)[0]).toHaveProperty("crl.length", 1);
    expect(attempts("verify-full", { sslrootcert: "system" }, folder)[0]).not.toHaveProperty("crl");
  });

  it.each(["prefer", "require"])("cannot be told where no certificate is checked: %s", (sslmode) => {
    for (const given of [{ sslcrl: crl }, { sslcrldir: home }])
      expect(() => attempts(sslmode, given)).toThrow(
        /^sslmode=\w+ checks no certificate, and so no revocation list; use v/,
      );
  });
});
