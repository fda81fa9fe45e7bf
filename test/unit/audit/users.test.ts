import { describe, expect, it } from "vitest";
import type { LoginRole } from "../../../src/database/contract/access";
import type { HbaMatchContext } from "../../../src/hba";
import type { StoredHash } from "../../../src/scram/stored-hash";
import { audit, BCRYPT, MD5, NONE, role, scram, UNKNOWN } from "../../support/audit";

const OPEN = "host all all all scram-sha-256";
const SECURE = (scramCost: number): HbaMatchContext => ({
  version: "24.3",
  settings: { scramCost },
});

describe("what is found of a user", () => {
  it.each<[string, string | undefined, Partial<LoginRole>, string[]]>([
    ["nothing, in order", OPEN, {}, []],
    ["nothing, at PostgreSQL's own cost", OPEN, { storedHash: scram(4096) }, []],
    [
      "more iterations than drivers take",
      OPEN,
      { storedHash: scram(100_001) },
      ["warning iterations-over-drivers"],
    ],
    ["few iterations", OPEN, { storedHash: scram(4095) }, ["warning iterations-few"]],
    ["md5, let in by md5", "host all all all md5", { storedHash: MD5 }, ["warning md5"]],
    ["md5, locked out by SCRAM", OPEN, { storedHash: MD5 }, ["warning md5", "error cannot-log-in"]],
    [
      "md5, let in here and not there",
      `host all all 10.0.0.0/8 md5\n${OPEN}`,
      { storedHash: MD5 },
      ["warning md5", "warning not-by-scram"],
    ],
    ["what is no hash", OPEN, { storedHash: UNKNOWN }, ["error hash-unknown"]],
    ["no password, and asked for one", OPEN, { storedHash: NONE }, ["error no-password"]],
    ["a certificate beside the password", "hostssl all all all scram-sha-256 clientcert=verify-full", {}, []],
    [
      "no password, and a certificate does",
      "hostssl all all all cert",
      { storedHash: NONE },
      ["info no-password"],
    ],
    [
      "no password, and none needed",
      "host all all all trust",
      { storedHash: NONE },
      ["info no-password", "warning trust"],
    ],
    ["let in without its password", "host all all all trust", {}, ["warning trust"]],
    ["asked in clear", "host all all all password", {}, ["warning cleartext"]],
    ["expired", OPEN, { expired: true, validUntil: "2020-01-01T00:00:00.000Z" }, ["warning expired"]],
    ["no rule", "host all other all scram-sha-256", {}, ["error no-rule"]],
    ["rejected throughout", "host all all all reject", {}, ["error no-rule"]],
    ["rejected here and let in there", `host all app 10.0.0.0/8 reject\n${OPEN}`, {}, []],
    ["a Unix socket alone", "local all all scram-sha-256", {}, []],
    ["NOLOGIN, whatever else", OPEN, { login: false, storedHash: MD5 }, ["info no-login"]],
    ["nothing of rules that are hidden", undefined, { storedHash: MD5 }, ["warning md5"]],
  ])("%s", (_case, rules, given, findings) => {
    const { users } = audit(rules, [role(given)]);
    expect(users[0]?.findings.map(({ severity, code }) => `${severity} ${code}`)).toEqual(findings);
  });

  it.each<[string, string, StoredHash, number, string[]]>([
    ["the cluster's cost", "host all all all cert-password", scram(10_610), 10_610, []],
    ["another cost", "host all all all cert-password", scram(4096), 10_610, ["warning cleartext-rehashed"]],
    ["another cost, where SCRAM is asked", "host all all all scram-sha-256", scram(4096), 10_610, []],
    ["bcrypt", "host all all all cert-password", BCRYPT, 10_610, ["warning bcrypt", "warning cleartext"]],
    [
      "bcrypt under SCRAM",
      "host all all all scram-sha-256",
      BCRYPT,
      10_610,
      ["warning bcrypt", "error cannot-log-in"],
    ],
  ])("on CockroachDB: %s", (_case, rules, storedHash, cost, findings) => {
    const { users } = audit(rules, [role({ storedHash })], { product: "cockroachdb", context: SECURE(cost) });
    expect(users[0]?.findings.map(({ severity, code }) => `${severity} ${code}`)).toEqual(findings);
  });
});

describe("the rules that a user may come by", () => {
  const RULES = `hostssl all app 10.0.0.0/8 cert
host shop app 192.168.0.0/16 md5
host all other all scram-sha-256
host all app all reject
local all all scram-sha-256`;

  it("are those that decide for it somewhere, in their order, with what they ask", () => {
    const [user] = audit(RULES, [role({ storedHash: MD5 })]).users;
    expect(user?.ways?.map(({ line, method, asks, outcome }) => [line, method, asks, outcome])).toEqual([
      [1, "cert", "certificate", "succeeds"],
      [2, "md5", "md5-password", "succeeds"],
      [4, "reject", "nothing", "fails"],
      [5, "scram-sha-256", "scram-sha-256", "fails"],
    ]);
  });

  it("are not known where they are hidden", () => {
    expect(audit(undefined, [role()]).users[0]).not.toHaveProperty("ways");
  });
});

describe("who counts", () => {
  const roles = [
    role({ name: "app" }),
    role({ name: "disabled", login: false }),
    role({ name: "group", login: false, storedHash: NONE }),
    role({ name: "hidden", login: false, storedHash: UNKNOWN }),
  ];

  it.each([
    [false, ["app", "disabled"]],
    [true, ["app", "disabled", "group", "hidden"]],
  ])("with all: %s", (all, names) => {
    expect(audit(OPEN, roles, { all }).users.map(({ name }) => name)).toEqual(names);
  });
});

describe("the summary", () => {
  it("counts users, hashes, what is to convert and who cannot log in", () => {
    const { summary } = audit("host all all all md5", [
      role({ name: "a" }),
      role({ name: "b", storedHash: MD5 }),
      role({ name: "c", storedHash: UNKNOWN }),
      role({ name: "d", storedHash: MD5, login: false }),
      role({ name: "e", storedHash: NONE }),
      role({ name: "f", expired: true }),
    ]);
    expect(summary).toEqual({
      users: 6,
      hashes: { "scram-sha-256": 2, md5: 2, unknown: 1, none: 1 },
      toConvert: 2,
      cannotLogIn: 3,
    });
  });

  it("does not guess where hashes cannot be read", () => {
    const { users, summary } = audit(OPEN, [role({ storedHash: UNKNOWN })], { hashesReadable: false });
    expect(users[0]).toMatchObject({ hash: "unreadable", findings: [] });
    expect(summary).toEqual({ users: 1, hashes: { unreadable: 1 }, toConvert: null, cannotLogIn: 0 });
  });
});
