import { describe, expect, it } from "vitest";
import { lintHba } from "../../../src/hba";

/**
 * Text and error. Every row is what pg_hba_file_rules of PostgreSQL 15 showed, the last group that of 18; where it
 * shows no error although the server refuses the file, the words are from its log.
 */
const REFUSED: [text: string, message: string][] = [
  ["local", "end-of-line before database specification"],
  ["local all", "end-of-line before role specification"],
  ["local all all", "end-of-line before authentication method"],
  ["host all all", "end-of-line before IP address specification"],
  ["host all all 10.0.0.1", "end-of-line before netmask specification"],
  ["host,local all all all trust", "multiple values specified for connection type"],
  ["host all all a,b trust", "multiple values specified for host address"],
  ["host all all 10.0.0.1 a,b trust", "multiple values specified for netmask"],
  ["local all all trust,md5", "multiple values specified for authentication type"],
  ["HOST all all all trust", 'invalid connection type "HOST"'],
  ["loopback all all all trust", 'invalid connection type "loopback"'],
  ["include a.conf b.conf", 'invalid connection type "include"'],
  ["host all all 1.1.1.1 trust", 'invalid IP mask "trust": Name or service not known'],
  ["host all all 10 trust", 'invalid IP mask "trust": Name or service not known'],
  ["host all all ::1 0 md5", "IP address and mask do not match"],
  ["host all all 10.0.0.0/33 md5", 'invalid CIDR mask in address "10.0.0.0/33"'],
  ["host all all 10.0.0.0/ md5", 'invalid CIDR mask in address "10.0.0.0/"'],
  ["host all all foo/24 md5", 'specifying both host name and CIDR mask is invalid: "foo/24"'],
  ['host all all "/24" md5', 'specifying both host name and CIDR mask is invalid: "/24"'],
  ["host all all samehost 255.255.255.255 md5", 'invalid authentication method "255.255.255.255"'],
  ["local all all krb5", 'invalid authentication method "krb5"'],
  ['local all all ""', 'invalid authentication method ""'],
  ["local all all constructor", 'invalid authentication method "constructor"'],
  ["local all all gss", "gssapi authentication is not supported on local sockets"],
  ["host all all all peer", "peer authentication is only supported on local sockets"],
  ["host all all all cert", "cert authentication is only supported on hostssl connections"],
  ["local all all trust map", "authentication option not in name=value format: map"],
  ["host all all all md5 foo=1", 'unrecognized authentication option name: "foo"'],
  ["host all all all md5 =1", 'unrecognized authentication option name: ""'],
  [
    "host all all all md5 pamservice=x",
    'authentication option "pamservice" is only valid for authentication methods pam',
  ],
  [
    "host all all all md5 krb_realm=x",
    'authentication option "krb_realm" is only valid for authentication methods gssapi and sspi',
  ],
  [
    "host all all all gss compat_realm=1",
    'authentication option "compat_realm" is only valid for authentication methods sspi',
  ],
  ["host all all all md5 clientcert=verify-full", 'clientcert can only be configured for "hostssl" rows'],
  ["host all all all md5 clientname=CN", 'clientname can only be configured for "hostssl" rows'],
  [
    "hostssl all all all cert clientcert=verify-ca",
    'clientcert can only be set to "verify-full" when using "cert" authentication',
  ],
  ["hostssl all all all cert clientcert=maybe", 'invalid value for clientcert: "maybe"'],
  ["hostssl all all all md5 clientname=XX", 'invalid value for clientname: "XX"'],
  [
    "host all all all ldap",
    'authentication method "ldap" requires argument "ldapbasedn", "ldapprefix", or "ldapsuffix" to be set',
  ],
  [
    "host all all all ldap ldapurl=ldap://x",
    'authentication method "ldap" requires argument "ldapbasedn", "ldapprefix", or "ldapsuffix" to be set',
  ],
  ["host all all all ldap ldapurl=ldapi://x", "unsupported LDAP URL scheme: ldapi"],
  ["host all all all ldap ldapport=abc", 'invalid LDAP port number: "abc"'],
  [
    "host all all all ldap ldapbasedn=b ldapsearchattribute=a ldapsearchfilter=b",
    "cannot use ldapsearchattribute together with ldapsearchfilter",
  ],
  ["host all all all radius", 'authentication method "radius" requires argument "radiusservers" to be set'],
  [
    "host all all all radius radiusservers=127.0.0.1",
    'authentication method "radius" requires argument "radiussecrets" to be set',
  ],
  [
    'host all all all radius radiusservers="" radiussecrets=a',
    'authentication method "radius" requires argument "radiusservers" to be set',
  ],
  [
    'host all all all radius radiusservers="127.0.0.1,127.0.0.2" radiussecrets="a,b,c"',
    "the number of RADIUS secrets (3) must be 1 or the same as the number of RADIUS servers (2)",
  ],
  [
    "host all all all radius radiusservers=127.0.0.1 radiussecrets=a radiusports=0",
    'invalid RADIUS port number: "0"',
  ],
  ["# nothing\n\n", "the configuration file contains no entries"],
  ["", "the configuration file contains no entries"],
];

const BY_VERSION: [text: string, version: string, message: string | undefined][] = [
  ["local all all oauth", "15", 'invalid authentication method "oauth"'],
  ["local all all oauth", "18", 'authentication method "oauth" requires argument "scope" to be set'],
  ["local all all oauth scope=x", "18", 'authentication method "oauth" requires argument "issuer" to be set'],
  [
    "local all all oauth scope=x issuer=y map=m delegate_ident_mapping=1",
    "18",
    "map cannot be used in combination with delegate_ident_mapping",
  ],
  ["local all all trust issuer=x", "15", 'unrecognized authentication option name: "issuer"'],
  [
    "local all all trust map=x",
    "15",
    'authentication option "map" is only valid for authentication methods ident, peer, gssapi, sspi, and cert',
  ],
  [
    "local all all trust map=x",
    "18",
    'authentication option "map" is only valid for authentication methods ident, peer, gssapi, sspi, cert, and oauth',
  ],
  [
    "host all all all ldap ldapprefix=a ldapbasedn=b",
    "15",
    "cannot use ldapbasedn, ldapbinddn, ldapbindpasswd, ldapsearchattribute, ldapsearchfilter, or ldapurl together with ldapprefix",
  ],
  [
    "host all all all ldap ldapprefix=a ldapbasedn=b",
    "18",
    "cannot mix options for simple bind and search+bind modes",
  ],
  ["include other.conf", "15", 'invalid connection type "include"'],
  ["include other.conf", "16", undefined],
  ["local all /( trust", "15", undefined],
  ["local all /( trust", "16", 'invalid regular expression "(": parentheses () not balanced'],
  ['local all "/a{2,1}" trust', "16", 'invalid regular expression "a{2,1}": invalid repetition count(s)'],
  ["local all /a{2,1} trust", "16", 'invalid regular expression "a{2": braces {} not balanced'],
  ["local /*a all trust", "16", 'invalid regular expression "*a": quantifier operand invalid'],
  ["local all /[a trust", "16", 'invalid regular expression "[a": brackets [] not balanced'],
  ["local all /a\\ trust", "16", 'invalid regular expression "a\\": invalid escape \\ sequence'],
];

/** Lines that PostgreSQL 15 and 18 take. */
const ACCEPTED = [
  "host all all 10/8 trust",
  "host all all 0x7f.1/8 md5",
  'host all all "10.0.0.0/ 8" md5',
  "host all all 10.0.0.0/+8 md5",
  "host all all 1.1.1.1 8.0.0.8 md5",
  "host all all 1.1.1.1 0 md5",
  'host all all "" md5',
  "host all all 256.1.1.1 md5",
  "host all all fe80::1%lo/64 md5",
  "hostssl all all all md5 clientname=CN",
  "hostssl all all all cert map=x",
  "local all all ident map=x",
  "host all all all ident map=x",
  "host all all all pam pamservice=x pam_use_hostname=2",
  "host all all all ldap ldapserver=x ldapbasedn=b",
  "host all all all ldap ldapurl=ldap://x/dc=y",
  "host all all all ldap ldapscheme=http ldapbasedn=x",
  "host all all all radius radiusservers=127.0.0.1 radiussecrets=a",
  "hostgssenc all all all gss include_realm=0 krb_realm=A",
  'local"" a"l"l all tr"us"t',
  "local all all trust # comment \\\n",
  "local @databases @users @method",
];

const errorsOf = (text: string, version: string) =>
  lintHba(text, "postgresql", { version }).filter(({ severity }) => severity === "error");

describe("what PostgreSQL refuses", () => {
  it.each(REFUSED)("%j: %s", (text, message) => {
    expect(errorsOf(text, "15").map((finding) => finding.message)).toEqual([message]);
  });

  it.each(BY_VERSION)("%j at %s: %s", (text, version, message) => {
    expect(errorsOf(text, version)[0]?.message).toBe(message);
  });

  it.each(ACCEPTED)("takes %j", (text) => {
    expect([...errorsOf(text, "15"), ...errorsOf(text, "18")]).toEqual([]);
  });

  it("reports every line, with the line it begins on", () => {
    const text = "local all\n# fine\nhost all all \\\n  all nope\nlocal all all peer\n";
    expect(errorsOf(text, "18").map(({ line, column, code }) => [line, column, code])).toEqual([
      [1, 10, "user-missing"],
      [4, 7, "method-unknown"],
    ]);
  });

  it.each([
    ["10.0.0.1", "10.0.0.1/32"],
    ["::1", "::1/128"],
  ])("says what to write where the mask of %s is missing", (address, cidr) => {
    expect(errorsOf(`host all all ${address} scram-sha-256`, "18")[0]?.hint).toBe(
      `write ${cidr} for this one address, or a netmask after it`,
    );
  });

  it("says so when pg_hba_file_rules would show no error", () => {
    expect(errorsOf("hostssl all all all cert clientcert=1", "18")[0]?.hint).toMatch(/pg_hba_file_rules/);
  });
});
