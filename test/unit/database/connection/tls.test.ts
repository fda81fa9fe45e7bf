import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type SslMode, tlsAttempts } from "../../../../src/database/connection/tls";
import { temporaryFolder } from "../../../../tools/temporary-folder.mts";

const empty = temporaryFolder("tls");
const home = temporaryFolder("tls");
for (const file of ["root.crt", "postgresql.crt", "postgresql.key", "other.crt"])
  writeFileSync(join(home, file), file);
afterAll(() => {
  for (const folder of [empty, home]) rmSync(folder, { recursive: true });
});

const files = { sslrootcert: undefined, sslcert: undefined, sslkey: undefined };
const attempts = (sslmode: SslMode, given = {}, folder = empty) =>
  tlsAttempts({ ...files, sslmode, ...given }, folder);

/** Each attempt in a word: no TLS, or what is checked of the server's certificate. */
function words(sslmode: SslMode, given = {}, folder = empty): string[] {
  return attempts(sslmode, given, folder).map((tls) => {
    if (tls === false) return "plain";
    if (tls.rejectUnauthorized === false) return "unchecked";
    return `${tls.ca ?? "public roots"}, ${tls.checkServerIdentity === undefined ? "name" : "any name"}`;
  });
}

describe("sslmode has libpq's meaning", () => {
  const root = { sslrootcert: join(home, "other.crt") };
  it.each<[SslMode, object, string, string[]]>([
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

  it("the client's certificate is taken from libpq's folder, or from where it is said to be", () => {
    expect(attempts("require", {}, home)[0]).toMatchObject({ cert: "postgresql.crt", key: "postgresql.key" });
    const given = { sslcert: join(home, "other.crt"), sslkey: join(home, "root.crt") };
    expect(attempts("require", given)[0]).toMatchObject({ cert: "other.crt", key: "root.crt" });
    expect(attempts("require")[0]).not.toHaveProperty("cert");
  });

  it.each([
    [{ sslrootcert: "none.pem" }, /file of sslrootcert cannot be read: none.pem \[ENOENT\]/],
    [{ sslcert: "none.pem" }, /file of sslcert cannot be read: none.pem/],
    [{}, /verify-ca needs a root certificate/],
  ])("%j is refused", (given, message) => {
    expect(() => attempts("verify-ca", given)).toThrow(message);
  });
});
