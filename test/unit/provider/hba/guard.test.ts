import { describe, expect, it } from "vitest";
import type { AccessFacts, LoginRole } from "../../../../src/database/access";
import { findLockouts } from "../../../../src/provider/hba/guard";
import type { StoredHash } from "../../../../src/scram/stored-hash";

const scram = { kind: "scram-sha-256", verifier: { iterations: 10_610 } } as StoredHash;
const role = (name: string, rest: Partial<LoginRole> = {}): LoginRole => ({
  name,
  login: true,
  storedHash: scram,
  validUntil: null,
  expired: false,
  memberOf: [],
  replication: false,
  ...rest,
});
const facts = (...roles: LoginRole[]): AccessFacts => ({
  roles: [role("admin"), ...roles],
  hashesReadable: true,
  own: { user: "admin", database: "postgres", address: "10.0.0.5", tls: true },
  context: { version: "18" },
});
const ALL = "host all all all scram-sha-256";

/** Who would be locked out, and how they came in. */
function named(before: string, after: string, ...roles: LoginRole[]): string[] {
  return findLockouts(before, after, "postgresql", facts(...roles)).map(
    ({ user, reason }) => `${user} ${reason.split(":")[0]}`,
  );
}

describe("who would be locked out", () => {
  it.each<[string, string, string, LoginRole[], string[]]>([
    ["nobody, when nothing changes", ALL, ALL, [role("app")], []],
    [
      "not who may not log in anyway",
      ALL,
      `host all app all reject\n${ALL}`,
      [role("app", { login: false })],
      [],
    ],
    ["who is rejected", ALL, `host all app all reject\n${ALL}`, [role("app")], ["app from elsewhere"]],
    [
      "who keeps only a Unix socket and the server itself",
      ALL,
      `local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\nhost all admin all scram-sha-256`,
      [role("app")],
      ["app from elsewhere"],
    ],
    ["not who keeps a part of the network", ALL, `host all all 10.0.0.0/8 scram-sha-256`, [role("app")], []],
    [
      "not who only the first address of the network is refused",
      ALL,
      `host all app 10.0.0.0/16 reject\nhost all all 10.0.0.0/8 scram-sha-256\nhost all admin all scram-sha-256`,
      [role("app")],
      [],
    ],
    [
      "who has an md5 hash under scram-sha-256",
      "host all all all md5",
      ALL,
      [role("old", { storedHash: { kind: "md5" } })],
      ["old from elsewhere"],
    ],
    ["not who could not log in before either", ALL, ALL, [role("old", { storedHash: { kind: "md5" } })], []],
    ["not who is expired", ALL, `host all admin all scram-sha-256`, [role("old", { expired: true })], []],
    [
      "a standby",
      `host replication repl all scram-sha-256\n${ALL}`,
      ALL,
      [role("repl", { replication: true })],
      ["repl for replication"],
    ],
    [
      "who comes with a certificate",
      `hostssl all app all cert\n${ALL}`,
      `host all app all reject\n${ALL}`,
      [role("app", { storedHash: { kind: "none" } })],
      ["app with a certificate"],
    ],
    ["not who may come with a certificate now", ALL, `hostssl all app all cert\n${ALL}`, [role("app")], []],
    [
      "not who keeps a database of its own name",
      "host sameuser all all scram-sha-256\nhost all admin all scram-sha-256",
      "host sameuser all all scram-sha-256\nhost all admin all scram-sha-256",
      [role("app")],
      [],
    ],
    [
      "who loses a database with an odd name",
      "host my-db app all scram-sha-256\nhost all admin all scram-sha-256",
      "host all admin all scram-sha-256",
      [role("app")],
      ["app from elsewhere"],
    ],
    [
      "not who depends on what is not evaluated",
      ALL,
      "host all app ldap.example.com scram-sha-256\nhost all admin all scram-sha-256",
      [role("app")],
      [],
    ],
    [
      "our own session, as it came in",
      ALL,
      `hostssl all admin 10.0.0.5/32 reject\n${ALL}`,
      [],
      ["admin as it is connected now, from 10.0.0.5, with TLS"],
    ],
  ])("%s", (_case, before, after, roles, expected) => {
    expect(named(before, after, ...roles)).toEqual(expected);
  });
});
