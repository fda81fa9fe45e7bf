import { describe, expect, it } from "vitest";
import type { LoginRole } from "../../../src/database/contract/access";
import {
  audit,
  BCRYPT,
  found,
  type Given,
  GONE,
  MD5,
  messages,
  NONE,
  role,
  scram,
  UNKNOWN,
} from "../../support/audit";

const OPEN = "host all all all scram-sha-256";
const COCKROACHDB: Given = { product: "cockroachdb", context: { version: "24.3" } };

describe("a rule that only may match is no reason to say that nobody gets in", () => {
  it.each<[string, string, Partial<LoginRole>]>([
    ["an included file", "include other.conf", {}],
    ["a host name", "host all app localhost scram-sha-256", {}],
    ["a file of users", "host all @users all scram-sha-256", {}],
    ["a file of databases", "host @databases app all scram-sha-256", {}],
    ["an address of the server's own networks", "host all app samenet reject\ninclude other.conf", {}],
    ["a hash that would not do there", "include other.conf", { storedHash: MD5 }],
  ])("%s", (_case, rules, rest) => {
    expect(found(rules, rest)).toContain("info rules-unknown");
    expect(audit(rules, [role(rest)]).summary.cannotLogIn).toBe(0);
  });

  it("and the rule that cannot be judged is named", () => {
    expect(messages("include other.conf", {})).toEqual([
      "info rules-unknown: may come in or not: Line 1 (`include other.conf`) may match, but the file `include other.conf` is not read",
    ]);
  });

  it.each([
    ["gets in elsewhere", `hostssl all app localhost md5\n${OPEN}`],
    ["is asked for a password elsewhere", "hostssl all app localhost md5\nhost all all all pam"],
  ])("nor is it said of who %s", (_case, rules) => {
    expect(found(rules, {})).toEqual([]);
  });

  it("who fails whether it matches or not is locked out", () => {
    expect(messages("host all app localhost scram-sha-256", { storedHash: NONE })).toEqual([
      expect.stringMatching(
        /^error no-password: cannot log in: The login fails whether line 1 .* or no rule at all/,
      ),
    ]);
  });

  it("a regular expression of databases is held against those that there are", () => {
    const rules = "host /^ten all all scram-sha-256";
    expect(found(rules, {}, { databases: ["postgres", "ten1"] })).toEqual([]);
    expect(found(rules, {}, { databases: ["postgres"] })).toEqual(["error no-rule"]);
  });

  it("a text that PostgreSQL does not load says nothing of who gets in", () => {
    const { users, summary } = audit(`${OPEN}\nhost all all`, [role({ storedHash: MD5, ...GONE })]);
    expect(users[0]).not.toHaveProperty("ways");
    expect(users[0]?.findings.map(({ code }) => code)).toEqual(["md5", "expired"]);
    expect(summary.cannotLogIn).toBeNull();
  });
});

describe("every way in counts", () => {
  const repl = { replication: true };
  it.each<[string, string, Partial<LoginRole>, string[]]>([
    ["a certificate on the loopback", "hostssl all app 127.0.0.1/32 cert", {}, []],
    ["replication on the loopback", "host replication app 127.0.0.1/32 scram-sha-256", repl, []],
    ["replication over the socket", "local replication app peer", repl, []],
    ["replication with a certificate", "hostssl replication app all cert", repl, []],
    ["replication, of who may not", "host replication app all scram-sha-256", {}, ["error no-rule"]],
    ["GSSAPI encryption", "hostgssenc all all all gss", {}, []],
    [
      "the middle of a network",
      "host all app 10.0.0.0/31 reject\nhost all app 10.255.0.0/16 reject\nhost all app 10.0.0.0/8 scram-sha-256",
      {},
      [],
    ],
  ])("%s", (_case, rules, rest, findings) => {
    expect(found(rules, rest)).toEqual(findings);
  });
});

describe("an expired password", () => {
  it.each<[string, string, Partial<LoginRole>, Given, string[], number]>([
    ["alone", OPEN, {}, {}, ["warning expired"], 1],
    ["where none is needed", "host all all all trust", {}, {}, ["warning expired", "warning trust"], 0],
    ["where a certificate does", "hostssl all all all cert", {}, {}, ["warning expired"], 0],
    ["where the operating system's user does", "local all all peer", {}, {}, ["warning expired"], 0],
    ["where an included file decides", "include x", {}, {}, ["warning expired", "info rules-unknown"], 0],
    ["and no rule", "host all other all trust", {}, {}, ["warning expired", "error no-rule"], 1],
    ["and no password at all", OPEN, { storedHash: NONE }, {}, ["error no-password"], 1],
    [
      "and md5 under SCRAM",
      OPEN,
      { storedHash: MD5 },
      {},
      ["warning md5", "warning expired", "error cannot-log-in"],
      1,
    ],
    [
      "and a certificate instead of a password",
      "hostssl all all all cert",
      { storedHash: NONE },
      {},
      ["info no-password"],
      0,
    ],
    [
      "of CockroachDB's root, which does not matter",
      "",
      { name: "root" },
      COCKROACHDB,
      ["warning expired"],
      0,
    ],
    ["of another user there", "host all app all password", {}, COCKROACHDB, ["warning expired"], 1],
  ])("%s", (_case, rules, rest, given, findings, cannotLogIn) => {
    const { users, summary } = audit(rules, [role({ ...GONE, ...rest })], given);
    expect(users[0]?.findings.map(({ severity, code }) => `${severity} ${code}`)).toEqual(findings);
    expect(summary.cannotLogIn).toBe(cannotLogIn);
  });

  it.each([
    [OPEN, "has an expired password, and no other way in"],
    ["host all all all trust", "has an expired password; it may still come by line 1 (trust)"],
    [
      "local all all peer\nhostssl all all all cert",
      "has an expired password; it may still come by line 1 (peer), line 2 (cert)",
    ],
    ["include x", "has an expired password; it may still come"],
    [undefined, "has an expired password"],
  ])("%s: %s", (rules, message) => {
    expect(messages(rules, GONE)[0]).toBe(`warning expired: ${message}`);
  });

  it.each<[string, Given]>([
    [OPEN, {}],
    ["host all all all cert-scram-sha-256", COCKROACHDB],
    ["host all all all cert-password", COCKROACHDB],
    ["host all all all password", COCKROACHDB],
  ])("that cannot be read is expired too: %s", (rules, given) => {
    const [user] = audit(rules, [role({ storedHash: UNKNOWN, ...GONE })], {
      ...given,
      hashesReadable: false,
    }).users;
    const byPassword = user?.ways?.filter(({ asks }) => asks !== "certificate");
    expect(new Set(byPassword?.map(({ outcome }) => outcome))).toEqual(new Set(["fails"]));
  });

  it("of root is one that the server accepts", () => {
    expect(messages("", { name: "root", ...GONE }, COCKROACHDB)[0]).toBe(
      "warning expired: has an expired password, which the server accepts of it all the same",
    );
  });
});

describe("no password, or none that fits", () => {
  it.each<[string, string, Partial<LoginRole>, string[]]>([
    [
      "trust",
      "host all all all trust",
      { storedHash: NONE },
      ["info no-password: has no password; it comes without one"],
    ],
    [
      "a certificate",
      "hostssl all all all cert",
      { storedHash: NONE },
      ["info no-password: has no password; it comes with a certificate only"],
    ],
    [
      "LDAP",
      "host all all all ldap ldapserver=x ldapprefix=cn=",
      { storedHash: NONE },
      ["info no-password: has no password; whether line 1 (ldap) lets it in is not known here"],
    ],
    [
      "ident",
      "host all all all ident",
      { storedHash: NONE },
      ["info no-password: has no password; whether line 1 (ident) lets it in is not known here"],
    ],
    ["an included file", "include x", { storedHash: NONE }, ["info no-password: has no password"]],
    [
      "what is no hash, under SCRAM",
      OPEN,
      { storedHash: UNKNOWN },
      ["error hash-unknown: cannot log in: what is stored is not a hash that the server recognises"],
    ],
    [
      "what is no hash, under trust",
      "host all all all trust",
      { storedHash: UNKNOWN },
      [
        "warning hash-unknown: what is stored is not a hash that the server recognises, so that no password fits",
      ],
    ],
    [
      "what is no hash, and no rule",
      "host all other all trust",
      { storedHash: UNKNOWN },
      ["error no-rule: cannot log in: no rule lets it in"],
    ],
  ])("%s", (_case, rules, rest, expected) => {
    expect(messages(rules, rest).slice(0, 1)).toEqual(expected);
  });

  it("what is no hash does not keep out who needs no password", () => {
    const { summary } = audit("host all all all trust", [role({ storedHash: UNKNOWN })]);
    expect(summary.cannotLogIn).toBe(0);
  });

  it.each<[string, string, LoginRole["storedHash"], string[]]>([
    [
      "a hash that CockroachDB does not load",
      "host all all all cert-password",
      scram(4000),
      [
        "warning iterations-few: has 4000 iterations, fewer than the 4096 that CockroachDB takes: it does not load the hash, and no password fits",
      ],
    ],
    [
      "bcrypt, where the certificate's rule asks others for SCRAM",
      "host all all all cert-scram-sha-256",
      BCRYPT,
      [
        "warning bcrypt: is bcrypt, for which CockroachDB asks for the password in clear",
        "warning not-by-scram: comes in, but never by its password: line 1 asks for SCRAM",
      ],
    ],
  ])("on CockroachDB: %s", (_case, rules, storedHash, expected) => {
    const given: Given = {
      product: "cockroachdb",
      context: { version: "24.3", settings: { scramCost: 10_610 } },
    };
    expect(messages(rules, { storedHash }, given)).toEqual(expected);
  });
});
