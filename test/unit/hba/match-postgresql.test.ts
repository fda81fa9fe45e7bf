import { describe, expect, it } from "vitest";
import { UserError } from "../../../src/errors";
import { type HbaLogin, type HbaMatchContext, matchHba } from "../../../src/hba";
import type { StoredHash } from "../../../src/scram/stored-hash";

const SCRAM = { kind: "scram-sha-256", verifier: { iterations: 4096 } } as StoredHash;
const MD5: StoredHash = { kind: "md5" };
const NONE: StoredHash = { kind: "none" };

const APP: HbaLogin = { user: "app", database: "shop", address: "10.0.0.1", tls: true, storedHash: SCRAM };
const LOCAL = { address: "local" };
const certificate = (commonName: string) => ({
  clientCertificate: { commonName, distinguishedName: `CN=${commonName}` },
});

/** Text, login, line that decides, what is asked, outcome. */
type Row = [text: string, login: Partial<HbaLogin>, line: number | "none", asks: string, outcome: string];

const WHICH: Row[] = [
  ["host all all all reject\nhost all all all trust", {}, 1, "nothing", "fails"],
  ["local all all trust", {}, "none", "nothing", "fails"],
  ["local all all trust", LOCAL, 1, "nothing", "succeeds"],
  // Transports.
  ["hostssl all all all trust", {}, 1, "nothing", "succeeds"],
  ["hostssl all all all trust", { tls: false }, "none", "nothing", "fails"],
  ["hostnossl all all all trust", { tls: false }, 1, "nothing", "succeeds"],
  ["hostgssenc all all all trust", {}, "none", "nothing", "fails"],
  ["hostgssenc all all all trust", { tls: false, gssEncryption: true }, 1, "nothing", "succeeds"],
  ["hostnogssenc all all all trust", { tls: false, gssEncryption: true }, "none", "nothing", "fails"],
  ["hostnogssenc all all all trust", {}, 1, "nothing", "succeeds"],
  ["hostnossl all all all trust", { tls: false, gssEncryption: true }, 1, "nothing", "succeeds"],
  // Addresses.
  ["host all all 10.0.0.0/8 trust", {}, 1, "nothing", "succeeds"],
  ["host all all 10.0.0.0 255.0.0.0 trust", {}, 1, "nothing", "succeeds"],
  ["host all all 10.0.0.2 255.0.0.252 trust", {}, 1, "nothing", "succeeds"],
  ["host all all 10.0.0.9 255.0.0.252 trust", {}, "none", "nothing", "fails"],
  ["host all all 10/8 trust", {}, "none", "nothing", "fails"],
  ["host all all 10.1/16 trust", {}, 1, "nothing", "succeeds"],
  ["host all all ::/0 trust", {}, "none", "nothing", "fails"],
  ["host all all 10.0.0.0/8 trust", { address: "::ffff:10.0.0.1" }, "none", "nothing", "fails"],
  ["host all all ::ffff:10.0.0.0/104 trust", { address: "::ffff:10.0.0.1" }, 1, "nothing", "succeeds"],
  ["host all all ::ffff:10.0.0.0/104 trust", {}, "none", "nothing", "fails"],
  ["host all all samehost trust", { address: "127.0.0.1" }, 1, "nothing", "succeeds"],
  ['host all all "" trust', {}, "none", "nothing", "fails"],
  // Databases.
  ["host shop all all trust", {}, 1, "nothing", "succeeds"],
  ["host Shop all all trust", {}, "none", "nothing", "fails"],
  ["host a,shop all all trust", {}, 1, "nothing", "succeeds"],
  ['host "all" all all trust', {}, "none", "nothing", "fails"],
  ["host sameuser all all trust", {}, "none", "nothing", "fails"],
  ["host sameuser all all trust", { database: "app" }, 1, "nothing", "succeeds"],
  ['host "sameuser" all all trust', { database: "app" }, "none", "nothing", "fails"],
  ["host samerole all all trust", { memberOf: ["shop"] }, 1, "nothing", "succeeds"],
  ["host samegroup all all trust", { memberOf: ["other"] }, "none", "nothing", "fails"],
  ["host samerole all all trust", { database: "app", memberOf: [] }, 1, "nothing", "succeeds"],
  ["host all all all trust", { replication: true }, "none", "nothing", "fails"],
  ["host replication all all trust", { replication: true }, 1, "nothing", "succeeds"],
  ['host "replication" all all trust', { replication: true }, "none", "nothing", "fails"],
  ["host replication all all trust", { database: "replication" }, "none", "nothing", "fails"],
  ['host "replication" all all trust', { database: "replication" }, 1, "nothing", "succeeds"],
  ["host /^sh all all trust", {}, 1, "nothing", "succeeds"],
  // Users.
  ["host all app all trust", {}, 1, "nothing", "succeeds"],
  ["host all App all trust", {}, "none", "nothing", "fails"],
  ["host all +ops all trust", { memberOf: ["ops"] }, 1, "nothing", "succeeds"],
  ["host all +ops all trust", { memberOf: [] }, "none", "nothing", "fails"],
  ["host all +app all trust", { memberOf: [] }, 1, "nothing", "succeeds"],
  ['host all "+ops" all trust', { memberOf: ["ops"] }, "none", "nothing", "fails"],
  ['host all +"ops" all trust', { memberOf: ["ops"] }, 1, "nothing", "succeeds"],
  ["host all +ops all trust", { exists: false, memberOf: ["ops"] }, "none", "nothing", "fails"],
  ["host all /pp all trust", {}, 1, "nothing", "succeeds"],
  ["host all /^pp all trust", {}, "none", "nothing", "fails"],
  ['host all "/^a(pp|x{1,2})$" all trust', {}, 1, "nothing", "succeeds"],
  ["host all /A all trust", {}, "none", "nothing", "fails"],
];

const ASKED: Row[] = [
  ["host all all all scram-sha-256", {}, 1, "scram-sha-256", "succeeds"],
  ["host all all all scram-sha-256", { storedHash: MD5 }, 1, "scram-sha-256", "fails"],
  ["host all all all scram-sha-256", { storedHash: NONE }, 1, "scram-sha-256", "fails"],
  ["host all all all scram-sha-256", { storedHash: { kind: "unknown" } }, 1, "scram-sha-256", "unknown"],
  ["host all all all md5", { storedHash: MD5 }, 1, "md5-password", "succeeds"],
  ["host all all all md5", {}, 1, "scram-sha-256", "succeeds"],
  ["host all all all md5", { expired: true }, 1, "scram-sha-256", "fails"],
  ["host all all all password", { storedHash: MD5 }, 1, "cleartext-password", "succeeds"],
  ["host all all all password", {}, 1, "cleartext-password", "succeeds"],
  [
    "host all all all password",
    { storedHash: { kind: "bcrypt", cost: 10 } },
    1,
    "cleartext-password",
    "fails",
  ],
  ["host all all all trust", { storedHash: NONE, expired: true }, 1, "nothing", "succeeds"],
  ["host all all all trust", { canLogin: false }, 1, "nothing", "fails"],
  ["host all all all trust", { exists: false }, 1, "nothing", "fails"],
  ["hostssl all all all cert", {}, 1, "certificate", "fails"],
  ["hostssl all all all cert", certificate("app"), 1, "certificate", "succeeds"],
  ["hostssl all all all cert", certificate("App"), 1, "certificate", "fails"],
  ["hostssl all all all cert map=m", certificate("bob"), 1, "certificate", "unknown"],
  ["hostssl all all all cert clientname=DN", certificate("app"), 1, "certificate", "fails"],
  [
    "hostssl all all all cert clientname=DN",
    { ...certificate("x"), user: "CN=x" },
    1,
    "certificate",
    "succeeds",
  ],
  ["hostssl all all all scram-sha-256 clientcert=verify-ca", {}, 1, "certificate", "fails"],
  [
    "hostssl all all all scram-sha-256 clientcert=verify-ca",
    certificate("bob"),
    1,
    "scram-sha-256",
    "succeeds",
  ],
  [
    "hostssl all all all scram-sha-256 clientcert=verify-full",
    certificate("bob"),
    1,
    "scram-sha-256",
    "fails",
  ],
  [
    "hostssl all all all scram-sha-256 clientcert=verify-full",
    certificate("app"),
    1,
    "scram-sha-256",
    "succeeds",
  ],
  ["hostssl all all all trust clientcert=verify-full", certificate("bob"), 1, "nothing", "fails"],
  ["hostssl all all all trust clientcert=verify-ca", certificate("bob"), 1, "nothing", "succeeds"],
  ["hostssl all all all reject clientcert=verify-ca", {}, 1, "certificate", "fails"],
  ["hostssl all all all reject clientcert=verify-ca", certificate("app"), 1, "nothing", "fails"],
  ["host all all all md5", { storedHash: { kind: "unknown" } }, 1, "unknown", "unknown"],
  ["local all all peer", { ...LOCAL, osUser: "app" }, 1, "nothing", "succeeds"],
  ["local all all ident", { ...LOCAL, osUser: "App" }, 1, "nothing", "fails"],
  ["local all all peer map=m", { ...LOCAL, osUser: "app" }, 1, "nothing", "unknown"],
  ["local all all peer", LOCAL, 1, "nothing", "unknown"],
  ["host all all all ident", {}, 1, "nothing", "unknown"],
  ["host all all all ldap ldapbasedn=x", {}, 1, "cleartext-password", "unknown"],
  ["host all all all gss", {}, 1, "unknown", "unknown"],
];

/** What can't be known, and when it doesn't matter: outcome and the lines that may decide. */
const OPEN: [
  text: string,
  login: Partial<HbaLogin>,
  context: HbaMatchContext,
  outcome: string,
  lines: number[],
][] = [
  ["host all all .x.org trust\nhost all all all reject", {}, {}, "unknown", [1, 2]],
  ["host all all .x.org trust\nhost all all all reject", {}, { hostName: "A.X.org" }, "succeeds", [1]],
  ["host all all .x.org trust\nhost all all all reject", {}, { hostName: "x.org" }, "fails", [2]],
  ["host all all x.org reject\nhost all all all reject", {}, {}, "fails", [1, 2]],
  ["host all all x.org scram-sha-256\nhost all all all scram-sha-256", {}, {}, "succeeds", [1, 2]],
  ["host all all x.org reject", {}, {}, "fails", [1]],
  ["host all all x.org trust", {}, {}, "unknown", [1]],
  ["host all @admins all trust\nhost all all all reject", {}, {}, "unknown", [1, 2]],
  ["host all @admins,app all trust", {}, {}, "succeeds", [1]],
  ["local all all @method", { address: "local" }, {}, "unknown", [1]],
  ["host @dbs bob all trust\nhost all all all reject", {}, {}, "fails", [2]],
  ["include other.conf\nhost all all all trust", {}, {}, "unknown", [1, 2]],
  ["host all all all trust\ninclude other.conf", {}, {}, "succeeds", [1]],
  ["host all +ops all reject\nhost all all all trust", {}, {}, "unknown", [1, 2]],
  ["host all /a(?=p) all reject\nhost all all all trust", {}, {}, "unknown", [1, 2]],
  ["host all all samenet trust\nhost all all all reject", {}, {}, "unknown", [1, 2]],
  [
    "host all all samenet trust",
    {},
    { interfaces: [{ address: "10.1.2.3", netmask: "255.0.0.0" }] },
    "succeeds",
    [1],
  ],
  [
    "host all all samehost trust",
    {},
    { interfaces: [{ address: "10.1.2.3", netmask: "255.0.0.0" }] },
    "fails",
    [],
  ],
  ["host all all all nope", {}, {}, "unknown", []],
  ["# nothing", {}, {}, "unknown", []],
];

describe("PostgreSQL", () => {
  it.each([...WHICH, ...ASKED])("%j, %o: %s, %s, %s", (text, login, ...expected) => {
    const { rule, asks, outcome } = matchHba(text, { ...APP, ...login }, "postgresql");
    expect([rule?.line ?? "none", asks, outcome]).toEqual(expected);
  });

  it.each(OPEN)("%j, %o, %o: %s by %o", (text, login, context, outcome, lines) => {
    const match = matchHba(text, { ...APP, ...login }, "postgresql", context);
    expect([match.outcome, match.candidates.map(({ line }) => line)]).toEqual([outcome, lines]);
  });

  it("takes /… for a name before version 16", () => {
    const outcome = (version: string) =>
      matchHba("host all /app all trust", APP, "postgresql", { version }).outcome;
    expect([outcome("15"), outcome("16")]).toEqual(["fails", "succeeds"]);
  });

  it.each([
    [APP, 'No pg_hba.conf entry for host "10.0.0.1", user "app", database "shop", SSL encryption (28000)'],
    [
      { ...APP, address: "local" },
      'No pg_hba.conf entry for host "[local]", user "app", database "shop", no encryption (28000)',
    ],
    [
      { ...APP, tls: false, replication: true },
      'No pg_hba.conf entry for replication connection from host "10.0.0.1", user "app", no encryption (28000)',
    ],
  ])("has the server's words when no rule matches", (login, reason) => {
    expect(matchHba("host all nobody all trust", login, "postgresql").reason).toBe(reason);
  });

  it.each([
    [
      "host all all x.org trust\nhost all all all reject",
      "Line 1 (`host all all x.org trust`) may match, but the host name of 10.0.0.1 is not looked up",
    ],
    [
      "host all all x.org reject\nhost all all all reject",
      "The login fails whether line 1 (`host all all x.org reject`) or line 2 (`host all all all reject`) decides: `reject` refuses every login (28000)",
    ],
    [
      "local all all peer\nhost all all all nope",
      'PostgreSQL does not load this text (line 2: invalid authentication method "nope") and keeps the rules it had before',
    ],
  ])("%j: %s", (text, reason) => {
    expect(matchHba(text, APP, "postgresql").reason).toBe(reason);
  });

  it("wants an address", () => {
    expect(() => matchHba("", { ...APP, address: "db.example.com" }, "postgresql")).toThrow(UserError);
  });
});
