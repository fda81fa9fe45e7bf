import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ConnectionSettings } from "../../../../src/database/connection/parameters/settings";
import { resolveTarget } from "../../../../src/database/connection/parameters/target";
import { UserError } from "../../../../src/errors";
import type { ConnectionArgs } from "../../../../src/resources/connection";
import libpq from "./libpq-18.json";

type Values = Record<string, string>;

const resolve = (settings: ConnectionSettings | null, env: Values = {}) =>
  resolveTarget(settings, { PGUSER: "me", ...env });

const BASE: Values = { host: "h", database: "d" };
const partOf = (name: string) => (name === "dbname" ? "database" : name);
const variableOf = (name: string) => (libpq.parameters as Record<string, string | null>)[name] ?? undefined;

const byUrl = (name: string, value: string) =>
  resolve(`postgresql://h/d?${name}=${encodeURIComponent(value)}`);
const byPart = (name: string, value: string) => resolve({ ...BASE, [partOf(name)]: value });
const byVariable = (name: string, variable: string, value: string) => {
  const { [partOf(name)]: _, ...others } = BASE;
  return resolve(others, { [variable]: value });
};

/** What each of libpq's parameters may say, and what of it is refused. */
const REFUSED: readonly (readonly [name: string, value: string, sentence: RegExp])[] = [
  [
    "target_session_attrs",
    "standby",
    /cannot be "standby": users are written; use any, read-write or primary/,
  ],
  ["load_balance_hosts", "always", /cannot be "always"; use disable or random/],
  ["sslmode", "on", /cannot be "on"; use disable, allow, prefer, require, verify-ca or verify-full/],
  ["sslnegotiation", "soon", /cannot be "soon"; use postgres or direct/],
  ["sslcertmode", "require", /cannot be "require": Node does not tell .*; use disable or allow/],
  ["ssl_min_protocol_version", "SSLv3", /cannot be "SSLv3"; use TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3/],
  ["ssl_max_protocol_version", "1.3", /cannot be "1.3"; use TLSv1/],
  ["channel_binding", "always", /cannot be "always"; use disable, prefer or require/],
  ["require_auth", "scram", /cannot be "scram"; use scram-sha-256, password, md5, /],
  [
    "gssencmode",
    "require",
    /cannot be "require": only TLS encrypts here; use disable or prefer, or leave it out/,
  ],
  ["keepalives", "0", /cannot be "0"; use 1, or leave it out/],
  ["keepalives_idle", "60", /cannot be "60": Node leaves it .*; use 0, or leave it out/],
  ["keepalives_interval", "60", /cannot be "60"/],
  ["keepalives_count", "3", /cannot be "3"/],
  ["tcp_user_timeout", "1000", /cannot be "1000"/],
  ["min_protocol_version", "3.2", /cannot be "3.2": 3.0 is what is spoken here/],
  ["max_protocol_version", "2.0", /cannot be "2.0"; use 3.0, 3.2 or latest/],
  ["sslcompression", "2", /cannot be "2"/],
  ["sslsni", "0", /cannot be "0": the driver always names the host/],
  ["replication", "database", /is not supported here: users are written on ordinary connections/],
  ["requirepeer", "postgres", /is not supported here: Node does not tell whose process .*; leave it out/],
  ["scram_client_key", "Canary", /is not supported here: logging in takes the password itself/],
  ["scram_server_key", "Canary", /is not supported here/],
  ["oauth_issuer", "https://i.example", /is not supported here: nobody logs in by OAuth/],
  ["oauth_client_id", "Canary", /is not supported here/],
  ["oauth_client_secret", "Canary", /is not supported here/],
  ["oauth_scope", "openid", /is not supported here/],
  ["sslkeylogfile", "/tmp/keys", /is not supported here: whoever reads that file/],
  ["hostaddr", "db.example.com", /cannot be "db.example.com"; use an IP address/],
  ["port", "0", /cannot be "0"; use 1 to 65535/],
  ["connect_timeout", "soon", /cannot be "soon"; use whole seconds/],
  ["connection_limit", "0", /cannot be "0"; use 1 to 999/],
  ["connection_limit", "many", /cannot be "many"; use 1 to 999/],
  ["service", "Nowhere", /^the service "Nowhere" is not defined: /],
];

/** What is done about each is in the tests of target, service, password file and TLS. */
const HONOURED: Values = {
  host: "x",
  hostaddr: "127.0.0.1",
  port: "1",
  user: "u",
  password: "p",
  passfile: "/f",
  dbname: "x",
  options: "-c role=r",
  application_name: "a",
  connect_timeout: "1",
  connection_limit: "1",
  target_session_attrs: "read-write",
  sslmode: "require",
  sslrootcert: "/ca",
  sslcrl: "/crl",
  sslcrldir: "/crls",
  sslcert: "/cert",
  sslkey: "/key",
  sslpassword: "p",
  sslcertmode: "disable",
  ssl_min_protocol_version: "TLSv1.3",
  ssl_max_protocol_version: "TLSv1.2",
  require_auth: "scram-sha-256",
  channel_binding: "require",
};

/** What asks for nothing but what is done here anyway, or for what never happens here. */
const WITHOUT_EFFECT: readonly (readonly [name: string, ...values: string[]])[] = [
  ["client_encoding", "auto", "UTF8", "LATIN1"],
  ["fallback_application_name", "x"],
  ["gssencmode", "disable", "prefer"],
  ["gssdelegation", "0", "1"],
  ["gsslib", "gssapi"],
  ["krbsrvname", "postgres"],
  ["keepalives", "1"],
  ["keepalives_idle", "0"],
  ["keepalives_interval", "0"],
  ["keepalives_count", "0"],
  ["tcp_user_timeout", "0"],
  ["min_protocol_version", "3.0"],
  ["max_protocol_version", "3.0", "3.2", "latest"],
  ["sslcompression", "0", "1"],
  ["sslsni", "1"],
  ["sslnegotiation", "postgres"],
];

describe("of libpq 18's parameters, none is unknown here, and one is ours", () => {
  it("and each is in a table of this test", () => {
    const tried = [...REFUSED, ...WITHOUT_EFFECT].map(([name]) => name).concat(Object.keys(HONOURED));
    const known = [...Object.keys(libpq.parameters), "connection_limit"];
    expect([...new Set(tried)].sort()).toEqual(known.sort());
  });

  it("and docs/reference/connection.md says what becomes of it", () => {
    const page = readFileSync("docs/reference/connection.md", "utf8").replace(
      "`oauth_*`",
      "`oauth_issuer`, `oauth_client_id`, `oauth_client_secret`, `oauth_scope`",
    );
    const unnamed = Object.keys(libpq.parameters).filter((name) => !new RegExp(`\`${name}[=\`]`).test(page));
    expect(unnamed).toEqual([]);
  });
});

describe.each(REFUSED)("%s: %s is refused", (name, value, sentence) => {
  const variable = variableOf(name);
  const ways: [string, string, () => unknown][] = [
    ["in a URL", `the database connection's ${name} `, () => byUrl(name, value)],
    ["in an object", `the database connection's ${name} `, () => byPart(name, value)],
  ];
  if (variable !== undefined)
    ways.push([
      "in the environment",
      `${variable} in the environment `,
      () => byVariable(name, variable, value),
    ]);

  it.each(ways)("%s, and said to be there", (_way, subject, attempt) => {
    expect(attempt).toThrow(UserError);
    expect(attempt).toThrow(sentence);
    if (name !== "service") expect(attempt).toThrow(subject);
    expect(attempt).not.toThrow(/Canary/);
  });
});

describe.each(WITHOUT_EFFECT)("%s may be said, and changes nothing:", (name, ...values) => {
  it.each(values)("%s", (value) => {
    const plain = resolve(BASE);
    expect(byUrl(name, value)).toEqual(plain);
    expect(byPart(name, value)).toEqual(plain);
    const variable = variableOf(name);
    if (variable !== undefined) expect(byVariable(name, variable, value)).toEqual(plain);
  });
});

describe("what is honoured, is so alike in a URL, in an object and in the environment", () => {
  it.each(Object.entries(HONOURED))("%s", (name, value) => {
    const target = byPart(name, value);
    expect(target).not.toEqual(resolve(BASE));
    expect(byUrl(name, value)).toEqual(target);
    const variable = variableOf(name);
    if (variable !== undefined) expect(byVariable(name, variable, value)).toEqual(target);
  });

  it("and what is given comes before the environment, which may ask for what is refused", () => {
    expect(resolve("postgresql://h/d?gssencmode=disable", { PGGSSENCMODE: "require" })).toEqual(
      resolve(BASE),
    );
  });

  it("the old name of sslmode=require too, after the new one", () => {
    expect(resolve(BASE, { PGREQUIRESSL: "1" }).tls.sslmode).toBe("require");
    expect(resolve(BASE, { PGREQUIRESSL: "1", PGSSLMODE: "verify-full" }).tls.sslmode).toBe("verify-full");
    expect(resolve(BASE, { PGREQUIRESSL: "0" }).tls.sslmode).toBe("prefer");
  });
});

describe("control characters", () => {
  const SENTENCE = /^the database connection's URL has a line end, a tab or another control character in it/;
  it.each([
    ["a line end after it", "postgresql://u:Canary@h/d\n"],
    ["a line end of another system", "postgresql://u:Canary@h/d\r\n"],
    ["a line end before it", "\npostgresql://u:Canary@h/d"],
    ["a blank after it", "postgresql://u:Canary@h/d "],
    ["a tab in the host", "postgresql://u:Canary@h\tx/d"],
    ["NUL in the user", "postgresql://u\0x:Canary@h/d"],
    ["a line end in the password", "postgresql://u:Canary\n@h/d"],
    ["a line end in a parameter", "postgresql://u:Canary@h/d?application_name=a\nb"],
    ["a line end in a parameter's name", "postgresql://u:Canary@h/d?appli\ncation_name=a"],
    ["a separator of lines", "postgresql://u:Canary@h/d\u2028"],
    ["C1's next line", "postgresql://u:Canary@h/d\u0085"],
    ["DEL", "postgresql://u:Canary@h/d\u007f"],
  ])("are refused in a URL without a word of it: %s", (_case, url) => {
    expect(() => resolve(url)).toThrow(SENTENCE);
    expect(() => resolve(url)).not.toThrow(/Canary|\n|\t|\0/);
  });

  it.each<[string, ConnectionSettings, Values, RegExp]>([
    [
      "percent-encoded",
      "postgresql://u:Canary@h/d%0A",
      {},
      /^the database connection's dbname has a control char/,
    ],
    ["of the user", "postgresql://u%00x:Canary@h/d", {}, /^the database connection's user has a NUL char/],
    ["of the host", "postgresql://u:Canary@h%09/d", {}, /^the database connection's host has/],
    ["of a parameter", "postgresql://h?options=-c%00user%00x", {}, /^the database connection's options has/],
    ["NUL in a password", "postgresql://u:Canary%00@h/d", {}, /^the database connection's password has/],
    ["in an object", { host: "h", database: "d\n" }, {}, /^the database connection's dbname has/],
    ["in the environment", "postgresql://h", { PGDATABASE: "d\n" }, /^PGDATABASE in the environment has/],
  ])("are refused: %s", (_case, settings, env, sentence) => {
    expect(() => resolve(settings, env)).toThrow(sentence);
    expect(() => resolve(settings, env)).not.toThrow(/Canary|\n|\t|\0/);
  });

  it("but a password may have a line end, if it says so", () => {
    expect(resolve("postgresql://u:p%0A@h/d").password).toBe("p\n");
  });
});

describe("an object's parts", () => {
  it("are those that its type names", () => {
    type Parts = Exclude<ConnectionSettings, string>;
    const same: keyof Parts extends keyof ConnectionArgs
      ? keyof ConnectionArgs extends keyof Parts
        ? true
        : never
      : never = true;
    expect(same).toBe(true);
  });

  it.each([
    ["a part that is none", { hots: "x" }, /no part "hots"; it takes host, .*database/],
    ["libpq's name of the database", { dbname: "x" }, /no part "dbname"; it takes .*database/],
    ["a list", { host: ["a", "b"] }, /the database connection's host is no text/],
    ["an object", { password: { secret: "Canary" } }, /the database connection's password is no text/],
  ])("and are text: %s", (_case, parts, sentence) => {
    expect(() => resolve(parts as unknown as ConnectionSettings)).toThrow(sentence);
    expect(() => resolve(parts as unknown as ConnectionSettings)).not.toThrow(/Canary|\[object/);
  });
});
