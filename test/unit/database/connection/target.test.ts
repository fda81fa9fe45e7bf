import { describe, expect, it } from "vitest";
import type { ConnectionSettings } from "../../../../src/database/connection/parameters/settings";
import { describeHosts, resolveTarget } from "../../../../src/database/connection/parameters/target";
import { UserError } from "../../../../src/errors";

const resolve = (settings: ConnectionSettings | null, env = {}) =>
  resolveTarget(settings, { PGUSER: "me", ...env });

describe("where settings lead", () => {
  it.each<[string, ConnectionSettings | null, Record<string, string>, string, object]>([
    [
      "nothing: libpq's defaults",
      null,
      {},
      "localhost:5432",
      { user: "me", database: "me", readWrite: false },
    ],
    ["a whole URL", "postgresql://u:p@h:1/d", {}, "h:1", { user: "u", password: "p", database: "d" }],
    ["the short scheme", "postgres://h", {}, "h:5432", { user: "me", database: "me" }],
    [
      "escapes",
      "postgresql://u%40x:p%3A%2F%25@h/d%20b",
      {},
      "h:5432",
      { user: "u@x", password: "p:/%", database: "d b" },
    ],
    ["a colon in the password", "postgresql://u:a:b@h", {}, "h:5432", { password: "a:b" }],
    [
      "a plus sign is no space",
      "postgresql://u@h?application_name=a+b",
      {},
      "h:5432",
      { applicationName: "a+b" },
    ],
    ["a number sign in the password", "postgresql://u:a#b@h/d", {}, "h:5432", { password: "a#b" }],
    ["IPv6", "postgresql://u@[::1]:6000/d", {}, "[::1]:6000", {}],
    ["a socket folder in the host's place", "postgresql://u@%2Ftmp%2Fpg/d", {}, "/tmp/pg", {}],
    ["a socket folder as parameter", "postgresql:///d?host=/tmp/pg", {}, "/tmp/pg", { database: "d" }],
    [
      "several hosts: one that accepts writes",
      "postgresql://u@a:1,b,[::1]:3/d",
      {},
      "a:1, b:5432, [::1]:3",
      { readWrite: true },
    ],
    [
      "several hosts, any will do",
      "postgresql://a,b/d?target_session_attrs=any",
      {},
      "a:5432, b:5432",
      { readWrite: false },
    ],
    [
      "one host, only for writing",
      "postgresql://a/d?target_session_attrs=read-write",
      {},
      "a:5432",
      { readWrite: true },
    ],
    ["one port for all hosts", { host: "a,b", port: 7 }, {}, "a:7, b:7", {}],
    [
      "parts, the rest from the environment",
      { host: "h", password: "p" },
      { PGPORT: "9", PGDATABASE: "e", PGPASSWORD: "no" },
      "h:9",
      { database: "e", password: "p" },
    ],
    [
      "the environment alone",
      null,
      { PGHOST: "x,y", PGPORT: "1,2", PGUSER: "z" },
      "x:1, y:2",
      { user: "z", database: "z" },
    ],
    ["empty parts count as none", { host: "", user: "" }, { PGHOST: "h" }, "h:5432", { user: "me" }],
    ["no password", "postgresql://u@h", {}, "h:5432", { password: undefined }],
    ["as many connections", "postgresql://h?connection_limit=3", {}, "h:5432", { connectionLimit: 3 }],
    [
      "so many by a variable",
      "postgresql://h",
      { SCRAM_CONNECTION_LIMIT: "2" },
      "h:5432",
      { connectionLimit: 2 },
    ],
    ["a time limit", "postgresql://h?connect_timeout=3", {}, "h:5432", { connectTimeoutMs: 3000 }],
    [
      "TLS",
      "postgresql://h?sslmode=verify-full&sslrootcert=ca.pem",
      { PGSSLMODE: "disable" },
      "h:5432",
      { tls: { sslmode: "verify-full", sslrootcert: "ca.pem", sslcert: undefined, sslkey: undefined } },
    ],
    [
      "public authorities make every check the default",
      "postgresql://h?sslrootcert=system",
      {},
      "h:5432",
      { tls: { sslmode: "verify-full", sslrootcert: "system" } },
    ],
    [
      "public authorities in the environment",
      "postgresql://h",
      { PGSSLROOTCERT: "system" },
      "h:5432",
      { tls: { sslmode: "verify-full", sslrootcert: "system" } },
    ],
    [
      "how to log in: SCRAM, or what a server may ask for that has proved who it is",
      "postgresql://h",
      {},
      "h:5432",
      { rules: { requireAuth: undefined, channelBinding: "prefer" } },
    ],
    [
      "how to log in, in the URL",
      "postgresql://h?require_auth=md5,scram-sha-256&channel_binding=require",
      { PGREQUIREAUTH: "none", PGCHANNELBINDING: "disable" },
      "h:5432",
      { rules: { requireAuth: new Set(["md5", "scram-sha-256"]), channelBinding: "require" } },
    ],
    [
      "how to log in, in the environment",
      "postgresql://h",
      { PGREQUIREAUTH: "!password,!md5", PGCHANNELBINDING: "disable" },
      "h:5432",
      {
        rules: {
          requireAuth: new Set(["none", "gss", "sspi", "scram-sha-256", "oauth"]),
          channelBinding: "disable",
        },
      },
    ],
    [
      "how to log in, among the parts",
      { host: "h", require_auth: "none", channel_binding: "disable" },
      {},
      "h:5432",
      { rules: { requireAuth: new Set(["none"]), channelBinding: "disable" } },
    ],
    [
      "an address to connect to, and the name it goes by",
      "postgresql://db.example.com/d?hostaddr=10.0.0.1",
      {},
      "db.example.com:5432 (10.0.0.1)",
      { hosts: [{ host: "db.example.com", port: 5432, address: "10.0.0.1" }] },
    ],
    [
      "an address alone is its own name",
      "postgresql:///d?hostaddr=::1",
      {},
      "[::1]:5432",
      { hosts: [{ host: "::1", port: 5432, address: "::1" }] },
    ],
    [
      "an address for one host of two",
      { host: "a,b", hostaddr: ",10.0.0.2" },
      {},
      "a:5432, b:5432 (10.0.0.2)",
      {
        hosts: [
          { host: "a", port: 5432 },
          { host: "b", port: 5432, address: "10.0.0.2" },
        ],
      },
    ],
    ["an address in the environment", "postgresql://h", { PGHOSTADDR: "10.0.0.1" }, "h:5432 (10.0.0.1)", {}],
    [
      "an address in place of a socket",
      { host: "/tmp", hostaddr: "10.0.0.1" },
      {},
      "/tmp:5432 (10.0.0.1)",
      {},
    ],
    [
      "TLS 1.2 is the least, as in libpq",
      "postgresql://h",
      {},
      "h:5432",
      { tls: { minVersion: "TLSv1.2", maxVersion: undefined } },
    ],
    [
      "other versions of TLS",
      { host: "h", ssl_min_protocol_version: "TLSv1", ssl_max_protocol_version: "TLSv1.1" },
      {},
      "h:5432",
      { tls: { minVersion: "TLSv1", maxVersion: "TLSv1.1" } },
    ],
    [
      "TLS at once",
      "postgresql://h?sslmode=require&sslnegotiation=direct",
      {},
      "h:5432",
      { tls: { sslnegotiation: "direct" } },
    ],
  ])("%s", (_case, settings, env, hosts, rest) => {
    const target = resolve(settings, env);
    expect(describeHosts(target.hosts)).toBe(hosts);
    expect(target).toMatchObject(rest);
  });
});

describe("several hosts, balanced", () => {
  const order = (...ranks: number[]) =>
    describeHosts(
      resolveTarget({ host: "a,b,c", load_balance_hosts: "random" }, {}, () => ranks.shift() ?? 0).hosts,
    );
  it("are tried in any order", () => {
    expect(order(0.1, 0.2, 0.3)).toBe("a:5432, b:5432, c:5432");
    expect(order(0.3, 0.1, 0.2)).toBe("b:5432, c:5432, a:5432");
  });

  it("unless nothing is said", () => {
    expect(describeHosts(resolve("postgresql://a,b,c").hosts)).toBe("a:5432, b:5432, c:5432");
  });
});

describe("what is refused, without a word of the URL", () => {
  it.each<[string, ConnectionSettings, RegExp]>([
    ["another scheme", "mysql://u:Canary@h/d", /not a PostgreSQL URL/],
    ["libpq's other form", "host=h password=Canary", /not a PostgreSQL URL/],
    ["an @ that is not escaped", "postgresql://u:Can@ary@h/d", /not a PostgreSQL URL/],
    ["a broken escape", "postgresql://u:Canary%zz@h/d", /not a PostgreSQL URL/],
    ["a port in letters", "postgresql://u:Canary@h:x/d", /not a PostgreSQL URL/],
    ["port 0", "postgresql://u:Canary@h:0/d", /port cannot be "0"/],
    ["ports and hosts that do not pair", { host: "a,b,c", port: "1,2" }, /3 hosts and 2 ports/],
    ["a parameter we do not know", "postgresql://u:Canary@h/d?sslmod=x", /no parameter "sslmod"/],
    ["a part we do not know", { hots: "x" } as ConnectionSettings, /no part "hots"/],
    ["an sslmode that is none", "postgresql://u:Canary@h/d?sslmode=on", /sslmode cannot be "on"/],
    ...["disable", "allow", "prefer", "require", "verify-ca"].map(
      (mode) =>
        [
          `public authorities, and ${mode}`,
          `postgresql://u:Canary@h/d?sslrootcert=system&sslmode=${mode}`,
          new RegExp(`sslmode cannot be "${mode}" with sslrootcert=system; use verify-full$`),
        ] satisfies [string, string, RegExp],
    ),
    [
      "addresses and hosts that do not pair",
      { host: "a,b", hostaddr: "10.0.0.1" },
      /2 hosts and 1 addresses/,
    ],
    [
      "TLS at once, or perhaps none",
      "postgresql://u:Canary@h?sslnegotiation=direct",
      /"direct" with sslmode=prefer/,
    ],
    [
      "no version of TLS",
      { host: "h", ssl_min_protocol_version: "TLSv1.3", ssl_max_protocol_version: "TLSv1.2" },
      /ssl_max_protocol_version cannot be "TLSv1.2" where the least is TLSv1.3; /,
    ],
    ["less than the least", { host: "h", ssl_max_protocol_version: "TLSv1.1" }, /where the least is TLSv1.2/],
    [
      "a binding that there is not",
      "postgresql://u:Canary@h/d?channel_binding=yes",
      /channel_binding cannot be "yes"; use disable, prefer or require$/,
    ],
    ...["scram", "md5,", "md5,!password", "!md5,password", "md5,md5", "!", "none, md5"].map(
      (list) =>
        [
          `methods that are none: ${list}`,
          `postgresql://u:Canary@h/d?require_auth=${list}`,
          /require_auth cannot be ".*"; use scram-sha-256, password, md5, /,
        ] satisfies [string, string, RegExp],
    ),
    ["a parameter that we never heard of", "postgresql://u:Canary@h/d?toString=x", /no parameter "toString"/],
  ])("%s", (_case, settings, message) => {
    expect(() => resolve(settings)).toThrow(UserError);
    expect(() => resolve(settings)).toThrow(message);
    expect(() => resolve(settings)).not.toThrow(/Canary/);
  });
});
