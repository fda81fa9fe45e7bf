import { describe, expect, it } from "vitest";
import { explainHba, type HbaLogin, type HbaMatchContext, matchHba } from "../../../src/hba";
import type { StoredHash } from "../../../src/scram/stored-hash";

const scram = (iterations: number) => ({ kind: "scram-sha-256", verifier: { iterations } }) as StoredHash;
const BCRYPT: StoredHash = { kind: "bcrypt", cost: 10 };
const NONE: StoredHash = { kind: "none" };
const SCRAM = scram(10610);

const APP: HbaLogin = { user: "app", database: "d", address: "10.0.0.1", tls: true, storedHash: SCRAM };
const ROOT: HbaLogin = { ...APP, user: "root" };
const certificate = (commonName: string) => ({ clientCertificate: { commonName } });

/** Text, login, line or built-in rule that decides, what is asked, outcome. */
type Row = [text: string, login: Partial<HbaLogin>, rule: string | number, asks: string, outcome: string];

const ROOT_RULE = "host  all root all cert-password # CockroachDB mandatory rule";
const HOST_RULE = "host     all all all cert-password # built-in CockroachDB default";
const LOCAL_RULE = "local    all all     password      # built-in CockroachDB default";

const WHICH: Row[] = [
  // The default configuration.
  ["", {}, HOST_RULE, "scram-sha-256", "succeeds"],
  ["", ROOT, ROOT_RULE, "scram-sha-256", "succeeds"],
  ["", { address: "local" }, LOCAL_RULE, "cleartext-password", "succeeds"],
  ["", { ...ROOT, address: "local" }, LOCAL_RULE, "cleartext-password", "succeeds"],
  // The mandatory root rule.
  ["host all root all reject", ROOT, ROOT_RULE, "scram-sha-256", "succeeds"],
  ["host all all all reject", ROOT, ROOT_RULE, "scram-sha-256", "succeeds"],
  ["local all root reject", { ...ROOT, address: "local" }, 1, "nothing", "fails"],
  ["host all all all reject", { ...ROOT, address: "local" }, "none", "nothing", "fails"],
  ["host all root all cert-password", ROOT, 1, "scram-sha-256", "succeeds"],
  ["host all ROOT all cert-password", ROOT, 1, "scram-sha-256", "succeeds"],
  ["host all root,app all cert-password", ROOT, 1, "scram-sha-256", "succeeds"],
  ["host all root 127.0.0.1/32 cert-password", ROOT, "none", "nothing", "fails"],
  ['host all root "127.0.0.1/32" cert-password', ROOT, "none", "nothing", "fails"],
  ["host all root 127.0.0.1 255.255.255.255 cert-password", ROOT, ROOT_RULE, "scram-sha-256", "succeeds"],
  ["host all root 127.0.0.2/32 cert-password", ROOT, ROOT_RULE, "scram-sha-256", "succeeds"],
  ['host all "root" all cert-password', ROOT, ROOT_RULE, "scram-sha-256", "succeeds"],
  ["hostssl all root all cert-password", ROOT, ROOT_RULE, "scram-sha-256", "succeeds"],
  ["host all app,root all cert-password", ROOT, ROOT_RULE, "scram-sha-256", "succeeds"],
  ["host all root,all all cert-password", ROOT, ROOT_RULE, "scram-sha-256", "succeeds"],
  ["host all root all cert-password map=x", ROOT, ROOT_RULE, "scram-sha-256", "succeeds"],
  // First match, no fall-through.
  ["host all app all reject\nhost all all all trust", {}, 1, "nothing", "fails"],
  ["host all b,app all trust", {}, 1, "nothing", "succeeds"],
  ["host all APP all trust", {}, 1, "nothing", "succeeds"],
  ["host all app all trust", { user: "App" }, 1, "nothing", "succeeds"],
  ["host all ὈΔΥΣΣΕΎΣ all trust", { user: "Ὀδυσσεύσ" }, 1, "nothing", "succeeds"],
  ["host all +app all trust", { memberOf: ["app"] }, "none", "nothing", "fails"],
  ['host all "all" all trust', {}, "none", "nothing", "fails"],
  ['host all "all" all trust', { user: "all" }, 1, "nothing", "succeeds"],
  ["hostssl all all all trust", {}, 1, "nothing", "succeeds"],
  ["hostnossl all all all trust", {}, "none", "nothing", "fails"],
  ["local all all trust", { address: "local" }, 1, "nothing", "succeeds"],
  ["local all all trust", {}, "none", "nothing", "fails"],
  // Addresses, as Go's net package sees them.
  ["host all all 10.9.9.9/8 trust", {}, 1, "nothing", "succeeds"],
  ["host all all 11.0.0.0/8 trust", {}, "none", "nothing", "fails"],
  ["host all all 10.9.9.9 255.0.0.0 trust", {}, 1, "nothing", "succeeds"],
  ["host all all 10.0.0.0/8 trust", { address: "::ffff:10.0.0.1" }, 1, "nothing", "succeeds"],
  ["host all all ::ffff:10.0.0.0/104 trust", {}, 1, "nothing", "succeeds"],
  ["host all all ::ffff:0:0/96 trust", {}, 1, "nothing", "succeeds"],
  ["host all all ::/0 trust", {}, "none", "nothing", "fails"],
  ["host all all ::/0 trust", { address: "2001:db8::1" }, 1, "nothing", "succeeds"],
  ["host all all 0.0.0.0/0 trust", { address: "::1" }, "none", "nothing", "fails"],
  ["host all all fe80::/10 trust", { address: "fe80::1%eth0" }, 1, "nothing", "succeeds"],
  // A text without usable rules leaves root and the server itself.
  ["# nothing", ROOT, ROOT_RULE, "scram-sha-256", "succeeds"],
  ["# nothing", {}, "none", "nothing", "fails"],
  // A text the node can't read: the default, which is open to passwords.
  ["nonsense", {}, HOST_RULE, "scram-sha-256", "succeeds"],
  ["host all all all md5", {}, HOST_RULE, "scram-sha-256", "succeeds"],
];

/** facts/cockroachdb.md, 4.2 and 4.3. */
const ASKED: Row[] = [
  ["host all all all password", {}, 1, "cleartext-password", "succeeds"],
  ["host all all all password", { storedHash: BCRYPT }, 1, "cleartext-password", "succeeds"],
  ["host all all all password", { storedHash: NONE }, 1, "cleartext-password", "fails"],
  ["host all all all password", { storedHash: { kind: "unknown" } }, 1, "cleartext-password", "unknown"],
  ["host all all all password", { expired: true }, 1, "cleartext-password", "fails"],
  ["host all all all scram-sha-256", {}, 1, "scram-sha-256", "succeeds"],
  ["host all all all scram-sha-256", { storedHash: scram(4096) }, 1, "scram-sha-256", "succeeds"],
  ["host all all all scram-sha-256", { storedHash: scram(4095) }, 1, "scram-sha-256", "fails"],
  ["host all all all scram-sha-256", { storedHash: BCRYPT }, 1, "scram-sha-256", "fails"],
  ["host all all all scram-sha-256", { storedHash: NONE }, 1, "scram-sha-256", "fails"],
  ["host all all all scram-sha-256", { expired: true }, 1, "scram-sha-256", "fails"],
  ["host all all all cert-scram-sha-256", {}, 1, "scram-sha-256", "succeeds"],
  [
    "host all all all cert-scram-sha-256",
    { ...certificate("app"), storedHash: NONE },
    1,
    "certificate",
    "succeeds",
  ],
  ["host all all all cert-scram-sha-256", certificate("bob"), 1, "certificate", "unknown"],
  ["hostssl all all all cert", {}, 1, "certificate", "fails"],
  ["hostssl all all all cert", certificate("APP"), 1, "certificate", "succeeds"],
  ["hostssl all all all cert", { ...certificate("app"), expired: true }, 1, "certificate", "succeeds"],
  ["hostssl all all all cert map=m", certificate("bob"), 1, "certificate", "unknown"],
  ["hostssl all all all cert", certificate("node"), 1, "certificate", "unknown"],
  // Two maps, or an empty one, are none.
  ["hostssl all all all cert map=m map=m", certificate("app"), 1, "certificate", "succeeds"],
  ['hostssl all all all cert map=""', certificate("app"), 1, "certificate", "succeeds"],
  ['local all all peer map=""', { address: "local", osUser: "App" }, 1, "nothing", "succeeds"],
  ["local all all cert", { address: "local" }, 1, "nothing", "fails"],
  ["host all all all peer", {}, 1, "nothing", "fails"],
  ["local all all peer", { address: "local" }, 1, "nothing", "unknown"],
  ["local all all peer", { address: "local", osUser: "App" }, 1, "nothing", "succeeds"],
  ["local all all peer", { address: "local", osUser: "bob" }, 1, "nothing", "fails"],
  ["host all all all cert-password", {}, 1, "scram-sha-256", "succeeds"],
  ["host all all all cert-password", { storedHash: scram(4096) }, 1, "cleartext-password", "succeeds"],
  ["host all all all cert-password", { storedHash: BCRYPT }, 1, "cleartext-password", "succeeds"],
  ["host all all all cert-password", { storedHash: NONE }, 1, "scram-sha-256", "fails"],
  ["host all all all cert-password", certificate("app"), 1, "certificate", "succeeds"],
  ["host all all all cert-password", certificate("bob"), 1, "certificate", "unknown"],
  ["host all all all trust", { storedHash: NONE }, 1, "nothing", "succeeds"],
  ["host all all all trust", { exists: false }, 1, "nothing", "fails"],
  ["host all all all trust", { canLogin: false }, 1, "nothing", "fails"],
  ["host all all all reject", {}, 1, "nothing", "fails"],
  ["hostssl all all all gss map=m", {}, 1, "unknown", "unknown"],
  // Without a TLS connection the node doesn't get to its rules.
  ["host all all all trust", { tls: false }, "none", "nothing", "fails"],
  ["", { ...ROOT, expired: true }, ROOT_RULE, "scram-sha-256", "succeeds"],
];

const summary = (text: string, login: Partial<HbaLogin>, context: HbaMatchContext = {}) => {
  const { rule, asks, outcome } = matchHba(text, { ...APP, ...login }, "cockroachdb", context);
  return [rule === undefined ? "none" : (rule.line ?? rule.text), asks, outcome];
};

describe("CockroachDB", () => {
  it.each([...WHICH, ...ASKED])("%j, %o: %s, %s, %s", (text, login, ...expected) => {
    expect(summary(text, login)).toEqual(expected);
  });
});

/** Version or settings, and what a SCRAM user of so many iterations is asked under cert-password. */
const PROMOTION: [context: HbaMatchContext, hash: StoredHash, asks: string, rewritten: string | undefined][] =
  [
    [{}, SCRAM, "scram-sha-256", undefined],
    [{}, scram(4096), "cleartext-password", "scram-sha-256"],
    [{}, BCRYPT, "cleartext-password", "scram-sha-256"],
    [{ settings: { scramCost: 4096 } }, scram(4096), "scram-sha-256", undefined],
    [{ settings: { rehashOnCostChange: false } }, scram(4096), "scram-sha-256", undefined],
    [{ settings: { autoScramPromotion: false } }, SCRAM, "cleartext-password", undefined],
    [{ settings: { autoScramPromotion: false } }, scram(4096), "cleartext-password", "scram-sha-256"],
    [{ settings: { passwordEncryption: "crdb-bcrypt" } }, SCRAM, "cleartext-password", "bcrypt"],
    [{ settings: { passwordEncryption: "crdb-bcrypt" } }, BCRYPT, "cleartext-password", undefined],
    [
      { settings: { passwordEncryption: "crdb-bcrypt", downgradeScramToBcrypt: false } },
      scram(4096),
      "scram-sha-256",
      undefined,
    ],
    [{ settings: { upgradeBcryptToScram: false } }, BCRYPT, "cleartext-password", undefined],
    // v22.1 promotes every SCRAM hash, v22.2.7 the first to ask for the password when the cost differs.
    [{ version: "22.1" }, scram(4096), "scram-sha-256", undefined],
    [{ version: "22.1" }, BCRYPT, "cleartext-password", undefined],
    [{ version: "22.2.6" }, scram(4096), "scram-sha-256", undefined],
    [{ version: "22.2.7" }, scram(119680), "cleartext-password", "scram-sha-256"],
  ];

describe("cert-password without a certificate", () => {
  it.each(PROMOTION)("%o, %o: %s, rewritten to %s", (context, storedHash, asks, rewritten) => {
    const match = matchHba("host all all all cert-password", { ...APP, storedHash }, "cockroachdb", context);
    expect([match.asks, match.rewritesHash]).toEqual([asks, rewritten]);
  });
});

const DN = "CN=app,O=Shop";
const SUBJECT_REQUIRED: HbaMatchContext = { settings: { certificateSubjectRequired: true } };
const SAN_REQUIRED: HbaMatchContext = {
  settings: { certificateSubjectRequired: true, certificateSanRequired: true },
};

/** facts/cockroachdb-2.md, "Who may log in": what more decides about a certificate than its common name. */
const CERTIFICATES: [
  login: Partial<HbaLogin>,
  context: HbaMatchContext,
  outcome: string,
  because: RegExp | undefined,
][] = [
  [certificate("app"), {}, "succeeds", undefined],
  // A DNS name, a URI or the principal map may make it the user's all the same.
  [certificate("bob"), {}, "unknown", /common name is `bob`.*--cert-principal-map.*password is not asked/],
  [{ ...certificate("app"), certificateSubject: DN }, {}, "unknown", /must be the SUBJECT of `app`/],
  [
    { clientCertificate: { commonName: "app", distinguishedName: DN }, certificateSubject: DN },
    SUBJECT_REQUIRED,
    "succeeds",
    /has the SUBJECT of `app`/,
  ],
  [
    { clientCertificate: { commonName: "app", distinguishedName: "CN=app,O=Other" }, certificateSubject: DN },
    {},
    "unknown",
    /must be the SUBJECT/,
  ],
  [certificate("app"), SUBJECT_REQUIRED, "fails", /`app` has no SUBJECT, which security.client_cert/],
  [{ ...certificate("root"), user: "root" }, SUBJECT_REQUIRED, "unknown", /--root-cert-distinguished-name/],
  [certificate("app"), SAN_REQUIRED, "unknown", /subject alternative names decide/],
  [
    { clientCertificate: { commonName: "app", distinguishedName: "CN=app,OU=Tenants" } },
    {},
    "fails",
    /OU=Tenants/,
  ],
  [
    { clientCertificate: { commonName: "app", distinguishedName: "OU=Tenants of ours,CN=app" } },
    {},
    "succeeds",
    undefined,
  ],
];

describe("a client's certificate", () => {
  it.each(CERTIFICATES)("%o %o: %s", (login, context, outcome, because) => {
    const match = matchHba("hostssl all all all cert", { ...APP, ...login }, "cockroachdb", context);
    expect(match.outcome).toBe(outcome);
    if (because !== undefined) expect(match.reason).toMatch(because);
  });
});

describe("root on a node that may disallow it (v26.1)", () => {
  it.each([
    [false, "succeeds"],
    [true, "fails"],
    ["unknown", "unknown"],
  ] as const)("--disallow-root-login %s: %s", (disallowRootLogin, outcome) => {
    const texts = ["", "local all all trust"];
    for (const text of texts) {
      const address = text === "" ? "10.0.0.1" : "local";
      expect(summary(text, { ...ROOT, address }, { disallowRootLogin })[2]).toBe(outcome);
    }
    expect(summary("", APP, { disallowRootLogin })[2]).toBe("succeeds");
  });
});

describe("a user that does not exist", () => {
  const LDAP =
    'host all all all ldap ldapserver=x ldapport=636 "ldapbasedn=O=x" "ldapbinddn=CN=y" ldapbindpasswd=z ldapsearchattribute=uid "ldapsearchfilter=(a=b)"';
  it.each([
    ["is created by an LDAP login where that is on", LDAP, { ldapProvisioning: true }, "unknown"],
    ["is refused by LDAP elsewhere", LDAP, {}, "fails"],
    ["is refused by every other method", "host all all all trust", { ldapProvisioning: true }, "fails"],
  ] as const)("%s", (_, text, settings, outcome) => {
    expect(summary(text, { exists: false }, { settings })).toEqual([
      1,
      outcome === "unknown" ? "cleartext-password" : "nothing",
      outcome,
    ]);
  });
});

describe("versions and ways of running", () => {
  it("has no alternative root rule in 22.1", () => {
    const text = "host all root 127.0.0.1/32 cert-password";
    expect(summary(text, ROOT, { version: "22.1" })[0]).toBe(ROOT_RULE);
    expect(summary(text, ROOT, { version: "22.2" })[0]).toBe("none");
  });

  it("lets every user of an insecure cluster in", () => {
    expect(summary("host all all all reject", { tls: false }, { insecure: true })).toEqual([
      "none",
      "nothing",
      "succeeds",
    ]);
    expect(summary("", { exists: false }, { insecure: true })[2]).toBe("fails");
  });

  it("goes by the rules without TLS only with --accept-sql-without-tls", () => {
    const text = "hostnossl all all all scram-sha-256";
    expect(summary(text, { tls: false }, { acceptSqlWithoutTls: true })).toEqual([
      1,
      "scram-sha-256",
      "succeeds",
    ]);
  });
});

describe("an explanation", () => {
  const TEXT =
    "# rules\nhostnossl all all all trust\nhost all bob all reject\nhost all all 10.0.0.0/8 scram-sha-256\nhost all all all reject";

  it("says of every rule why it matches or not", () => {
    const { lines } = explainHba(TEXT, { ...APP, storedHash: BCRYPT }, "cockroachdb");
    expect(
      lines.map(({ line, reached, matches, because }) => [line.line, reached, matches, because]),
    ).toEqual([
      [undefined, true, "no", "the rule is for the server's connections to itself"],
      [undefined, true, "no", "the user `app` is not among `root`"],
      [2, true, "no", "the rule is for `hostnossl` connections, and this one comes with TLS"],
      [3, true, "no", "the user `app` is not among `bob`"],
      [4, true, "yes", "connection, address, database and user match"],
      [5, false, "yes", "connection, address, database and user match"],
    ]);
  });

  it("ends in one sentence", () => {
    const { reason, method } = matchHba(TEXT, { ...APP, storedHash: BCRYPT }, "cockroachdb");
    expect(method).toBe("scram-sha-256");
    expect(reason).toBe(
      "Line 4 (`host all all 10.0.0.0/8 scram-sha-256`): SCRAM is asked for, and the stored hash of `app` is bcrypt (28P01)",
    );
  });

  it("has the server's words when no rule matches", () => {
    expect(matchHba("local all all trust", APP, "cockroachdb").reason).toBe(
      'No server.host_based_authentication.configuration entry for host "10.0.0.1", user "app" (28000)',
    );
  });

  it("tells of a text the node can't read", () => {
    const { notUsed } = matchHba("host all all all nope", APP, "cockroachdb");
    expect(notUsed).toBe("CockroachDB can't read this text (unknown auth method nope) and uses its default");
  });
});
