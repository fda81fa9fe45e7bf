import { describe, expect, it } from "vitest";
import { type LintOptions, lintHba, type Product } from "../../../src/hba";

const SCRAM = { kind: "scram-sha-256", verifier: { iterations: 10610 } } as never;

/** Text, and what is found: line, severity, code. */
type Row = [text: string, ...findings: string[]];

const END = "\nlocal all all scram-sha-256\nhost all all all scram-sha-256";

const COCKROACHDB: Row[] = [
  ["host all app 10.0.0.0/8 scram-sha-256\nlocal all all scram-sha-256"],
  ["local all all cert\nhost all all all cert-password", "1 warning method-unusable"],
  ["hostnossl all all all cert\nlocal all all reject", "1 warning method-unusable"],
  ["host all all all peer\nlocal all all reject", "1 warning method-unusable"],
  ["host all all all cert\nlocal all all reject", "1 info method-unusable-without-tls"],
  ["host all all all gss map=x\nlocal all all reject", "1 info method-unusable-without-tls"],
  ["hostssl all all all cert\nlocal all all reject"],
  [`host all +ops all reject${END}`, "1 warning user-never-matches"],
  [`host all @users all reject${END}`, "1 warning user-never-matches"],
  [`host all "/^a" all reject${END}`, "1 warning user-never-matches"],
  [`host all "a b" all reject${END}`, "1 warning user-never-matches"],
  [`host all admin all reject${END}`, "1 warning user-never-matches"],
  [`host all Äpp all reject${END}`],
  [`host all ALL all reject${END}`, "1 warning keyword-mistaken"],
  [`host all "all" all reject${END}`, "1 warning keyword-mistaken"],
  ["host all a,all all reject\nlocal all all reject", "1 info users-forgotten"],
  ["host all all all scram-sha-256", "0 warning no-local-rule"],
  ["local all all scram-sha-256", "0 warning no-host-rule"],
  ["host all all all trust\nlocal all all reject", "1 warning trust-everybody"],
  [
    "host all all 0.0.0.0/0 trust\nlocal all all reject",
    "1 info address-one-family",
    "1 warning trust-everybody",
  ],
  [`host all app 10.0.0.0/8 trust${END}`, "1 warning trust-remote"],
  [`hostssl all all 10.0.0.0/8 trust${END}`, "1 warning trust-remote"],
  [`host all app 127.0.0.1/32 trust${END}`, "1 info trust-local"],
  [`host all app ::1/128 trust${END}`, "1 info trust-local"],
  ["host all all all reject\nlocal all all trust", "2 info trust-local"],
  [`host all app 10.0.0.0/8 password${END}`, "1 warning password-in-clear"],
  [`hostnossl all app 10.0.0.0/8 password${END}`, "1 warning password-in-clear"],
  [`hostssl all app 10.0.0.0/8 password${END}`, "1 info password-seen-by-server"],
  [`hostnossl all app 10.0.0.0/8 cert-password${END}`, "1 warning password-in-clear"],
  [`host all app 10.1.2.3/8 reject${END}`, "1 info address-host-bits"],
  [`host all app ::ffff:10.0.0.0/104 reject${END}`, "1 warning address-short"],
  // Shadows.
  [
    `host all all all reject\nlocal all all reject\nhost all app 10.0.0.0/8 trust`,
    "3 warning rule-unreachable",
    "3 warning trust-remote",
  ],
  [`host all all 10.0.0.0/8 reject\nhost all app 10.1.0.0/16 reject${END}`, "2 info rule-redundant"],
  // By several together, and by whichever comes first where two do.
  [
    `host all all 0.0.0.0/0 reject\nhost all all ::/0 reject\nhost all app all scram-sha-256${END}`,
    "1 info address-one-family",
    "2 info address-one-family",
    "3 warning rule-unreachable",
    "5 warning rule-unreachable",
  ],
  [
    `host all all 10.0.0.0/9 reject\nhost all app 10.128.0.0/9 reject\nhost all app 10.0.0.0/8 reject${END}`,
    "3 info rule-redundant",
  ],
  [
    `host all all 10.0.0.0/9 reject\nhost all all 10.0.0.0/8 scram-sha-256\nhost all app 10.0.0.0/8 scram-sha-256${END}`,
    "3 warning rule-unreachable",
  ],
  [
    `host all all 10.0.0.0/9 reject\nhost all all 10.128.0.0/10 reject\nhost all app 10.0.0.0/8 scram-sha-256${END}`,
  ],
  [`host all APP all reject\nhostssl all app all scram-sha-256${END}`, "2 warning rule-unreachable"],
  [
    `hostssl all all all cert\nhostnossl all all all reject\nhost all app all scram-sha-256\nlocal all all reject`,
    "3 warning rule-unreachable",
  ],
  [`hostssl all all all cert\nhost all app all scram-sha-256${END}`],
  [`host all a,b all reject\nhost all b,c all scram-sha-256${END}`, "2 warning user-unreachable"],
  [`host all root all reject${END}`, "1 warning rule-unreachable"],
  [`host all root all cert${END}`, "1 warning rule-unreachable", "1 info method-unusable-without-tls"],
  [`host all root all cert-password${END}`],
  [`host all root 127.0.0.1/32 cert-password${END}`],
  [`host all root 127.0.0.2/32 cert-password${END}`, "1 info rule-redundant"],
  [`local all root reject${END}`],
];

const LONG = "a".repeat(64);

const POSTGRESQL: Row[] = [
  [`host all ${LONG} all reject${END}`, "1 warning user-never-matches"],
  [`host all +${LONG} all reject${END}`, "1 warning user-never-matches"],
  [`host ${LONG} all all reject${END}`, "1 warning database-never-matches"],
  [`host all "ä${"a".repeat(62)}" all reject${END}`, "1 warning user-never-matches"],
  [`host ${"a".repeat(63)} +${"b".repeat(63)} all reject${END}`],
  [`host /${LONG} /${LONG} all reject${END}`],
  ["local all all peer\nhost all all all scram-sha-256"],
  ["local all all peer\nhost all all samehost md5", "2 warning md5-deprecated"],
  [`hostssl all all all trust clientcert=verify-full${END}`],
  [`host all all 10/8 reject${END}`, "1 warning address-short"],
  [`host all all 10.1/16 reject${END}`, "1 warning address-short"],
  [`host all all 010.0.0.0/8 reject${END}`, "1 warning address-octal"],
  [`host all all 10.0.0.0 8 reject${END}`, "1 warning mask-with-gaps"],
  [
    `host all all 10.0.0.0 0 reject\nlocal all all reject`,
    "1 warning address-matches-all",
    "1 info address-one-family",
  ],
  [`host all all 256.1.1.1 reject${END}`, "1 warning address-not-numeric"],
  [`host all all "" reject${END}`, "1 warning address-not-numeric"],
  [`host all all db1.example.com reject${END}`],
  [`host all all "samenet" reject${END}`, "1 warning keyword-mistaken"],
  [`host ALL all all reject${END}`, "1 warning keyword-mistaken"],
  [`host all "+ops" all reject${END}`, "1 info quoted-name"],
  [`host all "/^a" all reject${END}`, "1 info quoted-pattern"],
  [`host all @admins all reject${END}`, "1 info file-not-evaluated"],
  [`include extra.conf${END}`, "1 info include-not-evaluated"],
  [`# note \\\nhost all all all reject${END}`, "1 warning comment-continued"],
  [`host all "all all reject${END}`, "1 warning quote-unclosed", "1 error address-missing"],
  [`host all bob all ident${END}`, "1 warning ident-remote"],
  [`host all bob all sspi${END}`, "1 warning method-build-dependent"],
  [
    `host all bob all ldap ldapserver=x ldapbasedn=y ldapbindpasswd=z${END}`,
    "1 warning password-in-clear",
    "1 info secret-in-text",
  ],
  // Shadows.
  [`host all all all reject\nhost replication all all scram-sha-256\nlocal all all reject`],
  [
    `host all,replication all all reject\nhost replication all all scram-sha-256\nlocal all all reject`,
    "2 warning rule-unreachable",
  ],
  [`host db /^a all reject\nhost db abc all scram-sha-256${END}`, "2 warning rule-unreachable"],
  [`host db +a all reject\nhost db a all scram-sha-256${END}`],
  [`host db Bob all reject\nhost db bob all scram-sha-256${END}`],
  [`host db all samenet reject\nhost db all samehost scram-sha-256${END}`, "2 warning rule-unreachable"],
  [
    `host db all 0.0.0.0/0 reject\nhost db all ::/0 reject\nhost db all samehost scram-sha-256\nhost db all x.org scram-sha-256${END}`,
    "1 info address-one-family",
    "2 info address-one-family",
    "3 warning rule-unreachable",
    "4 warning rule-unreachable",
  ],
  [
    `host db all 10.0.0.0 255.0.0.255 reject\nhost db all 10.0.0.0/8 scram-sha-256${END}`,
    "1 warning mask-with-gaps",
  ],
  [
    `host db all 10.0.0.0/8 reject\nhost db all 10.0.0.0 255.0.0.255 scram-sha-256${END}`,
    "2 warning rule-unreachable",
    "2 warning mask-with-gaps",
  ],
  [`host db all .x.org reject\nhost db all a.X.org scram-sha-256${END}`, "2 warning rule-unreachable"],
  [`host samegroup all all reject\nhost samerole all all scram-sha-256${END}`, "2 warning rule-unreachable"],
];

const found = (text: string, product: Product, options: LintOptions = {}) =>
  lintHba(text, product, options).map(({ line, severity, code }) => `${line} ${severity} ${code}`);

describe("lint", () => {
  it.each(COCKROACHDB)("CockroachDB: %j", (text, ...findings) => {
    expect(found(text, "cockroachdb")).toEqual(findings);
  });

  it.each(POSTGRESQL)("PostgreSQL: %j", (text, ...findings) => {
    expect(found(text, "postgresql")).toEqual(findings);
  });

  it("lists every line that is refused, not the first alone", () => {
    const text = 'host db all all md5\nhost all "x\nlocal\nhost all all h scram-sha-256 a=b';
    expect(found(text, "cockroachdb").filter((finding) => finding.includes("error"))).toEqual([
      "1 error database-unsupported",
      "1 error method-unknown",
      "2 error unterminated-quote",
      "3 error database-missing",
      "4 error host-name-unsupported",
      "4 error option-refused",
    ]);
  });

  it("names the rule that comes first", () => {
    const [finding] = lintHba(`host all root all reject${END}`, "cockroachdb");
    expect(finding?.message).toBe(
      "No login reaches this rule, for CockroachDB's own rule (`host all root all cert-password`) always comes first",
    );
  });

  it("holds the users it is told of against the rules", () => {
    const roles = [
      { name: "old", storedHash: { kind: "md5" } as const },
      { name: "new", storedHash: SCRAM },
      { name: "off", storedHash: SCRAM, canLogin: false },
    ];
    const text = `host all old,new,off,gone 10.0.0.0/8 scram-sha-256${END}`;
    expect(lintHba(text, "postgresql", { roles }).map(({ code, message }) => `${code}: ${message}`)).toEqual([
      "user-cannot-log-in: `old` can't log in by this rule: SCRAM is asked for, and the stored hash of `old` is md5 (28P01)",
      "user-cannot-log-in: `off` can't log in by this rule: the role `off` is not permitted to log in (28000)",
      "user-missing-on-server: The server has no user `gone`",
    ]);
  });

  it("holds them against the settings too", () => {
    const roles = [{ name: "app", storedHash: SCRAM }];
    const text = `hostssl all app 10.0.0.0/8 cert${END}`;
    const found = (options: LintOptions) =>
      lintHba(text, "cockroachdb", { roles, ...options }).filter(({ code }) => code === "user-cannot-log-in");
    expect(found({})).toEqual([]);
    expect(found({ settings: { certificateSubjectRequired: true } })).toHaveLength(1);
  });

  it("points out hostssl on a server without TLS", () => {
    expect(
      found("hostssl all all all scram-sha-256\nlocal all all peer", "postgresql", { ssl: false }),
    ).toEqual(["1 warning ssl-off"]);
  });

  it("points out rules for certificates on a server that can check none", () => {
    const text =
      "hostssl all all 10.0.0.0/8 cert\nhostssl all all all scram-sha-256 clientcert=verify-ca\nhostssl all all ::/0 scram-sha-256\nlocal all all peer";
    expect(found(text, "postgresql", { sslCaFile: false }).filter((each) => !each.includes("info"))).toEqual([
      "1 warning no-client-ca",
      "2 warning no-client-ca",
      "3 warning rule-unreachable",
    ]);
    expect(found(text, "cockroachdb", { sslCaFile: false })).not.toContain("1 warning no-client-ca");
  });

  it("says that JSON Web Tokens go round the rules, where they are on", () => {
    const text = "host all all all scram-sha-256\nlocal all all scram-sha-256";
    const settings = { jwtAuthentication: true };
    expect(found(text, "cockroachdb", { settings })).toEqual(["0 warning jwt-beside-rules"]);
    expect(found(text, "cockroachdb", { settings: {} })).toEqual([]);
  });

  it("repeats no password", () => {
    const text =
      "host all all all ldap ldapserver=x ldapbasedn=y ldapbindpasswd=hunter2\nhost all all all reject";
    for (const product of ["postgresql", "cockroachdb"] as const) {
      expect(JSON.stringify(lintHba(text, product))).not.toContain("hunter2");
    }
  });
});

it.each<[string, (n: number) => string]>([
  ["users", (n) => `host all user${n} 10.${n >> 8}.${n & 255}.0/24 scram-sha-256`],
  ["networks", (n) => `host all all 10.${n >> 8}.${n & 255}.0/24 scram-sha-256`],
  ["databases", (n) => `host db${n} all all scram-sha-256`],
  ["patterns", (n) => `host all "/^user${n}$" all scram-sha-256`],
])("a text of 20,000 %s takes seconds, not minutes", (_case, rule) => {
  const rules = Array.from({ length: 20_000 }, (_, n) => rule(n));
  const begun = performance.now();
  const found = lintHba(["local all all peer", ...rules, rule(7)].join("\n"), "postgresql");
  expect(performance.now() - begun).toBeLessThan(20_000);
  expect(found.filter(({ code }) => code === "rule-redundant").map(({ line }) => line)).toEqual([20_002]);
});
