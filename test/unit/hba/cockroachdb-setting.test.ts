import { describe, expect, it } from "vitest";
import { parseHba, refusalByCockroachdb } from "../../../src/hba";
import { HbaSyntaxError } from "../../../src/hba/parse/syntax-error";

/** Text, message, SQLSTATE, hint. What SET CLUSTER SETTING answers (facts/cockroachdb.md, 1.1 to 1.4). */
type Row = [text: string, message: string, sqlState: string, hint?: string];

const ONE_TYPE = "Specify exactly one connection type per line.";
const ONE_METHOD = "Specify exactly one authentication method per line.";
const ONE_ADDRESS = "Specify one address range per line.";
const MASK = "Specify an address range in CIDR notation, or provide a separate netmask.";
const ALL = "Use the special value 'all' (without quotes) to match all databases.";
const CIDR =
  "List the numeric CIDR notation instead, for example: 127.0.0.1/8.\n" +
  "Alternatively, use 'all' (without quotes) for any IPv4/IPv6 address.";
const METHODS =
  "Supported methods: cert, cert-password, cert-scram-sha-256, gss, ldap, password, peer, reject, scram-sha-256, trust";

const SCANNER: Row[] = [
  ['host "all all 0.0.0.0/0 trust', "line 1: unterminated quoted string", "XXUUU"],
  ['host all,"abc', "line 1: unterminated quoted string", "XXUUU"],
  ['\n\nhost all "a\tb" all trust', "line 3: invalid characters in quoted string", "XXUUU"],
  ["host all a\u0001 all trust", 'line 1: unsupported character: "\\x01"', "XXUUU"],
  ["host all all all\vtrust", 'line 1: unsupported character: "\\v"', "XXUUU"],
  // The scanner reads all of the text before the parser reads any.
  ['host invalid\nhost "all', "line 2: unterminated quoted string", "XXUUU"],
];

const PARSER: Row[] = [
  [
    "host,local all all all trust",
    "line 1: multiple values specified for connection type",
    "F0000",
    ONE_TYPE,
  ],
  ["unknown a b c", 'line 1: unknown connection type: "unknown"', "F0000"],
  ["HOST all all all trust", 'line 1: unknown connection type: "HOST"', "F0000"],
  ["hostgssenc all all all trust", 'line 1: unknown connection type: "hostgssenc"', "F0000"],
  ["hostnogssenc all all all trust", 'line 1: unknown connection type: "hostnogssenc"', "F0000"],
  ['"" all all all trust', 'line 1: unknown connection type: ""', "F0000"],
  ["include other.conf", 'line 1: unknown connection type: "include"', "F0000"],
  ["local", "line 1: end-of-line before database specification", "F0000"],
  ["local a", "line 1: end-of-line before role specification", "F0000"],
  ["local all all cert\nhost invalid", "line 2: end-of-line before role specification", "F0000"],
  ["host a b", "line 1: end-of-line before IP address specification", "F0000"],
  ["host a b 1.1.1.1,2.2.2.2", "line 1: multiple values specified for host address", "F0000", ONE_ADDRESS],
  ['host all all "" cert', "line 1: cannot use empty string as address", "F0000"],
  [
    "host a b samehost d",
    "line 1: unimplemented: address specification samehost is not yet supported",
    "0A000",
  ],
  [
    "host a b samenet d",
    "line 1: unimplemented: address specification samenet is not yet supported",
    "0A000",
  ],
  ["host all all 1.1.1/0 cert", "line 1: invalid CIDR address: 1.1.1/0", "F0000"],
  ["host all all 0.0/0 trust", "line 1: invalid CIDR address: 0.0/0", "F0000"],
  ["host all all 10.0.0.0/33 trust", "line 1: invalid CIDR address: 10.0.0.0/33", "F0000"],
  ["host all all 10.0.0.0/ trust", "line 1: invalid CIDR address: 10.0.0.0/", "F0000"],
  ["host all all 10.0.0.0/+8 trust", "line 1: invalid CIDR address: 10.0.0.0/+8", "F0000"],
  ["host all all 010.0.0.0/8 trust", "line 1: invalid CIDR address: 010.0.0.0/8", "F0000"],
  ["host all all fe80::1%lo/64 trust", "line 1: invalid CIDR address: fe80::1%lo/64", "F0000"],
  ["host all all name/8 trust", "line 1: invalid CIDR address: name/8", "F0000"],
  ["host a b 1.1.1.1", "line 1: end-of-line before netmask specification", "F0000", MASK],
  ["host a b 1.1.1.1 255.0.0.0,255.255.0.0 d", "line 1: multiple values specified for netmask", "F0000"],
  ["host a b 1.1.1.1 abc d", 'line 1: invalid IP mask "abc": netmask not in IP numeric format', "F0000"],
  [
    "host all all 1.1.1.1 trust",
    'line 1: invalid IP mask "trust": netmask not in IP numeric format',
    "F0000",
  ],
  ["host all all ::1 0 trust", 'line 1: invalid IP mask "0": netmask not in IP numeric format', "F0000"],
  ["host all all 1.1.1.1 1 trust", 'line 1: invalid IP mask "1": netmask not in IP numeric format', "F0000"],
  ["host a b 1.1.1.1 8.0.0.8 d", 'line 1: invalid IP mask "8.0.0.8": address is not a mask', "F0000"],
  ["host a b 1.1.1.1 ffff:: d", "line 1: IP address and mask do not match", "F0000"],
  ["host a b ::1 255.0.0.0 d", "line 1: IP address and mask do not match", "F0000"],
  ["local a b", "line 1: end-of-line before authentication method", "F0000"],
  ["host a b c", "line 1: end-of-line before authentication method", "F0000"],
  [
    "local a b trust,reject",
    "line 1: multiple values specified for authentication method",
    "F0000",
    ONE_METHOD,
  ],
  ['host all all all ""', "line 1: cannot use empty string as authentication method", "F0000"],
  ["local a b c d", "line 1: authentication option not in name=value format: d", "F0000"],
  ["local all all all password", "line 1: authentication option not in name=value format: password", "F0000"],
  ["local a b c map=x,y", "line 1: authentication option not in name=value format: y", "F0000"],
  ["local a b c k=", "line 1: authentication option not in name=value format: k=", "F0000"],
];

const CHECKS: Row[] = [
  ["#empty", "no entries", "XXUUU", "To use the default configuration, assign the empty string ('')."],
  ["\n", "no entries", "XXUUU", "To use the default configuration, assign the empty string ('')."],
  ["loopback all all all trust", "unimplemented: unsupported connection type: loopback", "0A000"],
  ["host db all 0.0.0.0/0 cert", "unimplemented: per-database HBA rules are not supported", "0A000", ALL],
  ['host "all" all all cert', "unimplemented: per-database HBA rules are not supported", "0A000", ALL],
  ["host all,db all all cert", "unimplemented: per-database HBA rules are not supported", "0A000", ALL],
  ["host replication all all cert", "unimplemented: per-database HBA rules are not supported", "0A000", ALL],
  ["host all all hostname cert", "unimplemented: hostname-based HBA rules are not supported", "0A000", CIDR],
  ['host all all "all" cert', "unimplemented: hostname-based HBA rules are not supported", "0A000", CIDR],
  ["host all all all invalid", 'unimplemented: unknown auth method "invalid"', "0A000", METHODS],
  ["host all all all md5", 'unimplemented: unknown auth method "md5"', "0A000", METHODS],
  ["host all all all jwt_token", 'unimplemented: unknown auth method "jwt_token"', "0A000", METHODS],
  ["host all all all constructor", 'unimplemented: unknown auth method "constructor"', "0A000", METHODS],
  ["local all all trust k=v", 'the HBA method "trust" does not accept options', "XXUUU"],
  ['local all all "trust" k=v', 'the HBA method "\\"trust\\"" does not accept options', "XXUUU"],
  ["local all all password k=v", 'the HBA method "password" does not accept options', "XXUUU"],
  ["local all all scram-sha-256 k=v", 'the HBA method "scram-sha-256" does not accept options', "XXUUU"],
  [
    "local all all cert-scram-sha-256 k=v",
    'the HBA method "cert-scram-sha-256" does not accept options',
    "XXUUU",
  ],
  ["local all all reject k=v", 'the HBA method "reject" does not accept options', "XXUUU"],
  ["host all all all gss include_realm=0 nope=1", "unsupported option nope", "XXUUU"],
  ["host all all all gss map=x include_realm=1", "include_realm must be set to 0: 1", "XXUUU"],
  ["host all all all gss", 'at least one of "include_realm=0" or "map" options required', "XXUUU"],
  [
    "host all all all gss krb_realm=A",
    'at least one of "include_realm=0" or "map" options required',
    "XXUUU",
  ],
  ["host all all all ldap", 'ldap option not found in hba entry: "ldapserver"', "XXUUU"],
  ["host all all all ldap map=x", 'unknown ldap option provided in hba conf: "map"', "XXUUU"],
  [
    'host all all all ldap "ldapserver=:invalid"',
    'LDAP option "ldapserver" is set to invalid value: ":invalid": missing protocol scheme',
    "XXUUU",
  ],
  [
    'host all all all ldap "ldapbasedn=baseDN"',
    'LDAP option "ldapbasedn" is set to invalid value: "baseDN": DN ended with incomplete type, value pair',
    "XXUUU",
  ],
  [
    'host all all all ldap "ldapbinddn=CN=a,bindDN"',
    'LDAP option "ldapbinddn" is set to invalid value: "CN=a,bindDN": DN ended with incomplete type, value pair',
    "XXUUU",
  ],
  [
    "host all all all ldap ldapserver=x ldapport=1",
    'LDAP option "ldapport" is set to invalid value: "1": "ldapport" is not set to either 389 or 636',
    "XXUUU",
  ],
  [
    "host all all all ldap ldapsearchfilter=x",
    'LDAP option "ldapsearchfilter" is set to invalid value: "x": "ldapsearchfilter" is not of the format "(key = value)"',
    "XXUUU",
  ],
];

/** What SET takes, useful or not. */
const ACCEPTED = [
  "",
  "local all all cert",
  '"local" all b "trust"',
  "host all +role,@file,/x all trust",
  'host all "all",root all cert',
  "host all all all cert-password ignored=value",
  "host all all all cert map=x any=thing",
  "host all b 2.3.4.5/8 reject",
  'host all b "2.3.4.5/8" reject',
  "host all b fe80:7a31:c1ff:: ffff:fff0:: reject",
  "host all b 1.1.1.1 0.0.0.0 reject",
  "host all b ::1 :: reject",
  "host all b ::ffff:1.2.3.4 255.255.255.0 reject",
  "host all a, b all trust # comment",
  "host all all all gss include_realm=0 krb_realm=A krb_realm=B",
  "local all all peer map=os",
  'host all all all ldap ldapserver=s ldapport=636 "ldapbasedn=O=x, C=y" ldapbinddn=cn=a ldapbindpasswd="a b" ldapsearchattribute=uid ldapsearchfilter=(a=b)',
];

describe("what CockroachDB answers to SET CLUSTER SETTING", () => {
  it.each([...SCANNER, ...PARSER, ...CHECKS])("%j: %s", (text, message, sqlState, hint) => {
    expect(refusalByCockroachdb(text)).toEqual({
      message,
      sqlState,
      ...(hint === undefined ? {} : { hint }),
    });
  });

  it.each(ACCEPTED)("takes %j", (text) => {
    expect(refusalByCockroachdb(text)).toBeUndefined();
  });
});

/** The same text at different versions. */
const VERSIONS: [text: string, version: string, message: string | undefined][] = [
  ["loopback all all all trust", "22.1", 'line 1: unknown connection type: "loopback"'],
  ["host all a\u0001 all trust", "23.2", undefined],
  ['host all "a\tb" all trust', "23.2", undefined],
  ["host all all all cert k=", "24.1", undefined],
  ['host all all all cert k="v w"', "v22.1.5", "line 1: authentication option not in name=value format: v w"],
  ['host all all all cert k="v w"', "24.3", undefined],
  ["host all all all ldap", "24.2.4", 'unimplemented: unknown auth method "ldap"'],
  ["host all all all ldap", "24.2.5", 'ldap option not found in hba entry: "ldapserver"'],
  ["host all all all ldap", "24.1", 'unimplemented: unknown auth method "ldap"'],
  ["local all all peer", "25.2", 'unimplemented: unknown auth method "peer"'],
  ["local all all peer", "26.1", undefined],
];

describe("versions of CockroachDB", () => {
  it.each(VERSIONS)("%j at %s: %s", (text, version, message) => {
    expect(refusalByCockroachdb(text, { version })?.message).toBe(message);
  });

  it("lists only the methods of the version and build", () => {
    const hint = (version: string, without: string[]) =>
      refusalByCockroachdb("local all all x", { version, build: { without } })?.hint;
    expect(hint("26.1", ["gss"])).toBe(
      "Supported methods: cert, cert-password, cert-scram-sha-256, ldap, password, peer, reject, scram-sha-256, trust",
    );
    expect(hint("22.1", ["gss"])).toBe(
      "Supported methods: cert, cert-password, cert-scram-sha-256, password, reject, scram-sha-256, trust",
    );
  });
});

describe("a parse error", () => {
  const thrown = (text: string) => {
    try {
      parseHba(text, "cockroachdb");
    } catch (error) {
      if (error instanceof HbaSyntaxError) return error;
    }
    throw new Error("nothing was thrown");
  };

  it("has the server's words, a hint, and where it is", () => {
    const error = thrown("# first\nhost all all 10.0.0.1");
    expect(error).toMatchObject({
      name: "UserError",
      code: "mask-missing",
      line: 2,
      column: 22,
      sqlState: "F0000",
    });
    expect(error.message).toBe(`line 2: end-of-line before netmask specification; ${MASK}`);
    expect(error.hint).toBe(MASK);
  });

  it("points at the token", () => {
    expect(thrown("host all all  1.1.1/0 cert")).toMatchObject({ line: 1, column: 15 });
  });

  it("keeps a password that blanks cut in two to itself", () => {
    const text = "host all all all ldap ldapbindpasswd=very secret";
    expect(thrown(text).message).toBe("line 1: authentication option not in name=value format: <hidden>");
  });
});
