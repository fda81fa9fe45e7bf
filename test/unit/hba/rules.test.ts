import { describe, expect, it } from "vitest";
import { UserError } from "../../../src/errors";
import {
  type CockroachdbRule,
  holdsSecret,
  lintHba,
  type PostgresqlRule,
  parseHba,
  renderRules,
} from "../../../src/hba";

const tcp = { user: "app", address: "10.0.0.0/8" } as const;
const local = { type: "local", user: "app" } as const;
const ldap = {
  ldapserver: "ldap.example.com",
  ldapport: "636",
  ldapbasedn: "O=Example, C=NO",
  ldapbinddn: "cn=reader",
  ldapbindpasswd: "two words",
  ldapsearchattribute: "uid",
  ldapsearchfilter: "(objectClass=person)",
} as const;

describe("typed rules of CockroachDB", () => {
  const RULES: CockroachdbRule[] = [
    { type: "host", user: "root", address: "127.0.0.1", method: "cert-password" },
    {
      type: "hostssl",
      user: ["app", "Batch"],
      address: "10.0.0.0/8",
      method: "cert",
      options: { map: "certs" },
    },
    {
      type: "hostssl",
      user: { name: "all" },
      address: "all",
      method: "reject",
      comment: "the user called all",
    },
    { type: "hostssl", ...tcp, method: "ldap", options: ldap },
    { type: "hostssl", ...tcp, method: "gss", options: { include_realm: "0", krb_realm: ["A", "B"] } },
    { type: "hostnossl", user: "all", address: "::1", method: "reject" },
    { type: "local", user: "all", method: "password" },
  ];

  it("become an aligned text", () => {
    expect(renderRules(RULES, "cockroachdb")).toBe(
      `host      all root      127.0.0.1/32 cert-password
hostssl   all app,Batch 10.0.0.0/8   cert          map=certs
hostssl   all "all"     all          reject  # the user called all
hostssl   all app       10.0.0.0/8   ldap          ldapserver=ldap.example.com ldapport=636 "ldapbasedn=O=Example, C=NO" ldapbinddn=cn=reader "ldapbindpasswd=two words" ldapsearchattribute=uid "ldapsearchfilter=(objectClass=person)"
hostssl   all app       10.0.0.0/8   gss           include_realm=0 krb_realm=A krb_realm=B
hostnossl all all       ::1/128      reject
local     all all                    password
`,
    );
  });

  it("hold a secret when they hold a password", () => {
    expect(holdsSecret(parseHba(renderRules(RULES, "cockroachdb"), "cockroachdb"))).toBe(true);
    expect(holdsSecret(parseHba(renderRules(RULES.slice(0, 3), "cockroachdb"), "cockroachdb"))).toBe(false);
  });

  it("are refused where the server would refuse them", () => {
    const rules: CockroachdbRule[] = [
      { type: "host", user: "app", address: "db.example.com", method: "trust" },
    ];
    expect(() => renderRules(rules, "cockroachdb")).toThrow(
      "Rule 1 is refused by the server: unimplemented: hostname-based HBA rules are not supported; List the numeric",
    );
    const quote: CockroachdbRule[] = [{ type: "local", user: 'a"b', method: "trust" }];
    expect(() => renderRules(quote, "cockroachdb")).toThrow(UserError);
  });

  it("are no text at all when there are none", () => {
    expect(renderRules([], "cockroachdb")).toBe("");
  });
});

describe("typed rules of PostgreSQL", () => {
  const RULES: PostgresqlRule[] = [
    { type: "local", user: "all", method: "peer", options: { map: "os users" } },
    {
      type: "host",
      database: ["shop", "replication"],
      user: { memberOf: "ops" },
      address: "samenet",
      method: "md5",
    },
    {
      type: "hostssl",
      database: { name: "all" },
      user: [{ name: "+ops" }, "@home", "o'hara", 'say "hi"'],
      address: ".example.com",
      method: "scram-sha-256",
      options: { clientcert: "verify-full" },
    },
    {
      type: "hostssl",
      user: { matches: "^a,b$" },
      address: "::1",
      method: "cert",
      options: { clientname: "DN" },
    },
    {
      type: "hostgssenc",
      user: "/x.y",
      address: "all",
      method: "gss",
      options: { include_realm: "1" },
    },
  ];

  it("become a text that means what they say", () => {
    const text = renderRules(RULES, "postgresql");
    expect(text.split("\n").map((line) => line.replace(/ +/g, " "))).toEqual([
      'local all all peer "map=os users"',
      "host shop,replication +ops samenet md5",
      'hostssl "all" "+ops","@home","o\'hara","say ""hi""" .example.com scram-sha-256 clientcert=verify-full',
      'hostssl all "/^a,b$" ::1/128 cert clientname=DN',
      'hostgssenc all "/^\\/x\\.y$" all gss include_realm=1',
      "",
    ]);
    expect(lintHba(text, "postgresql").filter(({ severity }) => severity === "error")).toEqual([]);
  });

  it("can't hold a comment that would go on below", () => {
    const rule = (comment: string): PostgresqlRule[] => [
      { type: "local", user: "all", method: "trust", comment },
    ];
    expect(renderRules(rule("fine # really"), "postgresql")).toBe("local all all trust  # fine # really\n");
    expect(() => renderRules(rule("two\nlines"), "postgresql")).toThrow(
      "Rule 1 has a comment of more than one line",
    );
    expect(() => renderRules(rule("path C:\\"), "postgresql")).toThrow("ending with a backslash");
  });

  it("need a server that knows the method", () => {
    const oauth: PostgresqlRule[] = [
      {
        type: "hostssl",
        ...tcp,
        method: "oauth",
        options: { issuer: "https://x.example", scope: "openid" },
      },
    ];
    expect(renderRules(oauth, "postgresql")).toContain("oauth");
    expect(() => renderRules(oauth, "postgresql", { version: "17" })).toThrow(
      'invalid authentication method "oauth"',
    );
  });
});

describe("what does not compile", () => {
  it("whatever the product", () => {
    const rules: (CockroachdbRule | PostgresqlRule)[] = [
      // @ts-expect-error a TCP rule needs an address
      { type: "host", user: "app", method: "scram-sha-256" },
      // @ts-expect-error a socket has no address
      { type: "local", user: "app", address: "all", method: "scram-sha-256" },
      // @ts-expect-error no such connection type
      { connection: "ssl", ...tcp, method: "scram-sha-256" },
      // @ts-expect-error no such method
      { type: "host", ...tcp, method: "scram" },
      // @ts-expect-error cert is for TLS
      { type: "hostnossl", ...tcp, method: "cert" },
      // @ts-expect-error cert is for hostssl
      { ...local, method: "cert" },
      // @ts-expect-error peer is for sockets
      { type: "host", ...tcp, method: "peer" },
      // @ts-expect-error gss is not for sockets
      { ...local, method: "gss", options: { map: "x" } },
      // @ts-expect-error a rule needs a user
      { type: "local", method: "trust" },
    ];
    expect(rules).toHaveLength(9);
  });

  it("for CockroachDB", () => {
    const rules: CockroachdbRule[] = [
      // @ts-expect-error no rules per database
      { ...local, database: "shop", method: "trust" },
      // @ts-expect-error no GSSAPI encryption
      { type: "hostgssenc", ...tcp, method: "trust" },
      // @ts-expect-error no md5
      { type: "host", ...tcp, method: "md5" },
      // @ts-expect-error gss is for TLS
      { type: "hostnossl", ...tcp, method: "gss", options: { map: "x" } },
      // @ts-expect-error gss needs include_realm=0 or map
      { type: "hostssl", ...tcp, method: "gss" },
      // @ts-expect-error trust takes no options
      { type: "host", ...tcp, method: "trust", options: { map: "x" } },
      // @ts-expect-error ldap needs all of its options
      { type: "host", ...tcp, method: "ldap", options: { ldapserver: "x" } },
      // @ts-expect-error the port is 389 or 636
      { type: "host", ...tcp, method: "ldap", options: { ...ldap, ldapport: "1389" } },
      // @ts-expect-error no role membership
      { ...local, user: { memberOf: "ops" }, method: "trust" },
    ];
    expect(rules).toHaveLength(9);
  });

  it("for PostgreSQL", () => {
    const rules: PostgresqlRule[] = [
      // @ts-expect-error CockroachDB's method
      { type: "host", ...tcp, method: "cert-password" },
      // @ts-expect-error clientcert is for hostssl
      { type: "host", ...tcp, method: "scram-sha-256", options: { clientcert: "verify-full" } },
      // @ts-expect-error no such value
      { type: "hostssl", ...tcp, method: "scram-sha-256", options: { clientcert: "full" } },
      // @ts-expect-error cert already verifies
      { type: "hostssl", ...tcp, method: "cert", options: { clientcert: "verify-ca" } },
      // @ts-expect-error map is not for passwords
      { type: "host", ...tcp, method: "md5", options: { map: "x" } },
      // @ts-expect-error radius needs servers and secrets
      { type: "host", ...tcp, method: "radius" },
    ];
    expect(rules).toHaveLength(6);
  });
});
