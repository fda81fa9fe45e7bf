import { describe, expect, it } from "vitest";
import { effectsOf, findLockouts } from "../../../../src/audit/logins/effects";
import { describeChange } from "../../../../src/audit/logins/words";
import type { AccessFacts, LoginRole } from "../../../../src/database/contract/access";
import type { StoredHash } from "../../../../src/scram/stored-hash";

const scram = { kind: "scram-sha-256", verifier: { iterations: 10_610 } } as StoredHash;
const role = (name: string, rest: Partial<LoginRole> = {}): LoginRole => ({
  name,
  login: true,
  storedHash: scram,
  validUntil: null,
  expired: false,
  memberOf: [],
  replication: false,
  ...rest,
});
const facts = (...roles: LoginRole[]): AccessFacts => ({
  roles: [role("admin"), ...roles],
  hashesReadable: true,
  databases: ["postgres", "shop_eu"],
  own: { user: "admin", database: "postgres", address: "10.0.0.5", tls: true },
  context: { version: "18" },
});
const ALL = "host all all all scram-sha-256";

/** Who would be locked out, and how they came in. */
function named(before: string, after: string, ...roles: LoginRole[]): string[] {
  return findLockouts(before, after, "postgresql", facts(...roles)).map(
    ({ user, reason }) => `${user} ${reason.split(":")[0]}`,
  );
}

describe("who would be locked out", () => {
  it.each<[string, string, string, LoginRole[], string[]]>([
    ["nobody, when nothing changes", ALL, ALL, [role("app")], []],
    [
      "not who may not log in anyway",
      ALL,
      `host all app all reject\n${ALL}`,
      [role("app", { login: false })],
      [],
    ],
    ["who is rejected", ALL, `host all app all reject\n${ALL}`, [role("app")], ["app from elsewhere"]],
    [
      "who keeps only a Unix socket and the server itself",
      ALL,
      `local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\nhost all admin all scram-sha-256`,
      [role("app")],
      ["app from elsewhere"],
    ],
    ["not who keeps a part of the network", ALL, `host all all 10.0.0.0/8 scram-sha-256`, [role("app")], []],
    [
      "not who only the first address of the network is refused",
      ALL,
      `host all app 10.0.0.0/16 reject\nhost all all 10.0.0.0/8 scram-sha-256\nhost all admin all scram-sha-256`,
      [role("app")],
      [],
    ],
    [
      "who has an md5 hash under scram-sha-256",
      "host all all all md5",
      ALL,
      [role("old", { storedHash: { kind: "md5" } })],
      ["old from elsewhere"],
    ],
    ["not who could not log in before either", ALL, ALL, [role("old", { storedHash: { kind: "md5" } })], []],
    ["not who is expired", ALL, `host all admin all scram-sha-256`, [role("old", { expired: true })], []],
    [
      "a standby",
      `host replication repl all scram-sha-256\n${ALL}`,
      ALL,
      [role("repl", { replication: true })],
      ["repl for replication"],
    ],
    [
      "who comes with a certificate",
      `hostssl all app all cert\n${ALL}`,
      `host all app all reject\n${ALL}`,
      [role("app", { storedHash: { kind: "none" } })],
      ["app with a certificate"],
    ],
    ["not who may come with a certificate now", ALL, `hostssl all app all cert\n${ALL}`, [role("app")], []],
    [
      "not who keeps a database of its own name",
      "host sameuser all all scram-sha-256\nhost all admin all scram-sha-256",
      "host sameuser all all scram-sha-256\nhost all admin all scram-sha-256",
      [role("app")],
      [],
    ],
    [
      "who loses a database with an odd name",
      "host my-db app all scram-sha-256\nhost all admin all scram-sha-256",
      "host all admin all scram-sha-256",
      [role("app")],
      ["app from elsewhere"],
    ],
    [
      "not who depends on what is not evaluated",
      ALL,
      "host all app ldap.example.com scram-sha-256\nhost all admin all scram-sha-256",
      [role("app")],
      [],
    ],
    [
      "our own session, as it came in",
      ALL,
      `hostssl all admin 10.0.0.5/32 reject\n${ALL}`,
      [],
      ["admin as it is connected now, from 10.0.0.5, with TLS"],
    ],
  ])("%s", (_case, before, after, roles, expected) => {
    expect(named(before, after, ...roles)).toEqual(expected);
  });
});

const ADMIN = "host all admin all scram-sha-256";
const STOCK =
  "local all all peer\nhost all all 127.0.0.1/32 scram-sha-256\nhost all all ::1/128 scram-sha-256";

/** What becomes of one user: a lockout, or what is lost and gained. */
function effect(before: string, after: string, who: LoginRole) {
  const found = effectsOf(before, after, "postgresql", facts(who)).find(({ user }) => user === who.name);
  return {
    lockout: found?.lockout?.reason.split(": ")[0],
    losses: found?.losses.map(describeChange) ?? [],
    gains: found?.gains.map(describeChange) ?? [],
  };
}

describe("what the old rules name is not lost in silence; a part of it may be", () => {
  const repl = role("repl", { replication: true });
  it.each<[string, string, string, LoginRole, string | undefined, string[], string[]]>([
    [
      "a database",
      "host shop,postgres japp 10.0.0.0/8 scram-sha-256",
      "host postgres japp 10.0.0.0/8 scram-sha-256",
      role("japp"),
      'to database "shop"',
      ["database shop from 10.0.0.0/8 (line 1)"],
      [],
    ],
    [
      "a database, which the server itself may still go to",
      `host shop,postgres japp 10.0.0.0/8 scram-sha-256\n${STOCK}`,
      `host postgres japp 10.0.0.0/8 scram-sha-256\n${STOCK}`,
      role("japp"),
      'to database "shop"',
      ["database shop from 10.0.0.0/8 (line 1)"],
      [],
    ],
    [
      "a network, by a slip",
      "host all app 10.0.0.0/8 scram-sha-256",
      "host all app 11.0.0.0/8 scram-sha-256",
      role("app"),
      "from 10.0.0.0/8",
      ["every database from 10.0.0.0/8 (line 1)"],
      ["every database from 11.0.0.0/8 (line 1)"],
    ],
    [
      "a part of a network is kept",
      "host all app 10.0.0.0/8 scram-sha-256",
      "host all app 10.0.0.0/28 scram-sha-256",
      role("app"),
      undefined,
      [
        "every database from 10.0.0.16/28, 10.0.0.32/27, 10.0.0.64/26, 10.0.0.128/25, 10.0.1.0/24 and 15 more (line 1)",
      ],
      [],
    ],
    [
      "a part of a network is refused",
      "host all app 10.0.0.0/8 scram-sha-256",
      "host all all 10.5.0.0/16 reject\nhost all app 10.0.0.0/8 scram-sha-256",
      role("app"),
      undefined,
      ["every database from 10.5.0.0/16 (line 1)"],
      [],
    ],
    [
      "a network of IPv6",
      "host all app 2001:db8::/32 scram-sha-256\nhost all app 10.0.0.0/8 scram-sha-256",
      "host all app 10.0.0.0/8 scram-sha-256",
      role("app"),
      "from 2001:db8::/32",
      ["every database from 2001:db8::/32 (line 1)"],
      [],
    ],
    [
      "a network, where another of its rules names it too",
      "host all app 10.0.0.0/8 scram-sha-256\nhost shop all 10.0.0.0/8 scram-sha-256",
      "host shop all 10.0.0.0/8 scram-sha-256",
      role("app"),
      undefined,
      ["every other database from 10.0.0.0/8 (line 1)"],
      [],
    ],
    [
      "all databases become one",
      ALL,
      "host shop all all scram-sha-256",
      role("app"),
      undefined,
      ["every other database from everywhere (line 1)"],
      [],
    ],
    [
      "a network that was rejected before names nothing",
      "host all app 10.0.0.0/8 reject\nhost all app all scram-sha-256",
      "host all app all scram-sha-256",
      role("app"),
      undefined,
      [],
      ["every database from 10.0.0.0/8 (line 1)"],
    ],
    [
      "the stock line for replication on the server itself",
      `${STOCK}\nhost replication all 127.0.0.1/32 scram-sha-256\nhost replication repl 10.0.0.0/8 scram-sha-256`,
      `${STOCK}\nhost replication repl 10.0.0.0/8 scram-sha-256`,
      repl,
      "for replication on the server itself",
      ["replication from 127.0.0.1/32 (line 4)"],
      [],
    ],
    [
      "the stock lines for the loopback, where the way from elsewhere is kept",
      `${STOCK}\nhost all app 10.0.0.0/8 scram-sha-256`,
      "host all app 10.0.0.0/8 scram-sha-256",
      role("app"),
      undefined,
      [
        "every database from 127.0.0.1/32, ::1/128 (line 2, line 3)",
        "every database over a Unix socket (line 1)",
      ],
      [],
    ],
    [
      "logins without TLS",
      "host all app 10.0.0.0/8 scram-sha-256",
      "hostssl all app 10.0.0.0/8 scram-sha-256",
      role("app"),
      undefined,
      ["every database from 10.0.0.0/8 without TLS (line 1)"],
      [],
    ],
    [
      "what a regular expression let in",
      'host "/^shop_" app 10.0.0.0/8 scram-sha-256\nhost x app 10.0.0.0/8 scram-sha-256',
      "host x app 10.0.0.0/8 scram-sha-256",
      role("app"),
      undefined,
      ["database shop_eu from 10.0.0.0/8 (line 1)"],
      [],
    ],
    [
      "every address of IPv6, which is no network that somebody wrote down",
      "host all app ::/0 scram-sha-256\nhost all app 0.0.0.0/0 scram-sha-256",
      "host all app 0.0.0.0/0 scram-sha-256",
      role("app"),
      undefined,
      ["every database from ::/0 (line 1)"],
      [],
    ],
    [
      "a network that begins at the first address there is",
      "host all app 0.0.0.0/1 scram-sha-256\nhost all app 192.168.0.0/16 scram-sha-256",
      "host all app 192.168.0.0/16 scram-sha-256",
      role("app"),
      "from 0.0.0.0/1",
      ["every database from 0.0.0.0/1 (line 1)"],
      [],
    ],
    [
      "the only way, from the server itself",
      "host all app 127.0.0.1/32 scram-sha-256",
      "host all app 127.0.0.1/32 reject",
      role("app"),
      "at all",
      ["every database from 127.0.0.1/32 (line 1)"],
      [],
    ],
    [
      "a way by a group",
      "host shop +staff 10.0.0.0/8 scram-sha-256\nhost all app 10.0.0.0/8 reject\nhost all app all scram-sha-256",
      "host all app 10.0.0.0/8 reject\nhost all app all scram-sha-256",
      role("app", { memberOf: ["staff"] }),
      "from 10.0.0.0/8",
      ["database shop from 10.0.0.0/8 (line 1)"],
      [],
    ],
  ])("%s", (_case, before, after, who, lockout, losses, gains) => {
    const old = `${before}\n${ADMIN}`;
    const next = `${after}\n${ADMIN}`;
    expect(effect(old, next, who)).toEqual({ lockout, losses, gains });
    // The other way round, what was lost is gained, and the reverse.
    const back = effect(next, old, who);
    expect([back.losses.length, back.gains.length]).toEqual([gains.length, losses.length]);
  });
});

it("users who are alike but for their names are told apart where a rule goes by the name", () => {
  const before = `host a,b all 10.1.0.0/16 reject\nhost sameuser all 10.0.0.0/8 scram-sha-256\n${ADMIN}`;
  const found = effectsOf(before, ADMIN, "postgresql", facts(role("a"), role("b")));
  const databasesOf = (name: string) =>
    found
      .filter(({ user }) => user === name)
      .flatMap(({ losses }) => losses.flatMap(({ databases }) => databases));
  expect([databasesOf("a"), databasesOf("b")]).toEqual([["a"], ["b"]]);
});

it("all rules that let somebody in are told, whichever of them for which database", () => {
  const before = `host shop app 10.0.0.0/8 scram-sha-256\nhost stock app 10.0.0.0/8 scram-sha-256\n${ADMIN}`;
  expect(effect(before, ADMIN, role("app")).losses).toEqual([
    "database shop, stock from 10.0.0.0/8 (line 1, line 2)",
  ]);
});

describe("ways of which nobody can tell here who comes by them", () => {
  const scrammed = role("app");
  const ldap = "host all all all ldap ldapserver=x ldapprefix=y";
  /** `loses …`, `may gain …` of the user. */
  const told = (before: string, after: string, who = scrammed, given: Partial<AccessFacts> = {}) =>
    effectsOf(before, after, "postgresql", { ...facts(who), ...given })
      .filter(({ user }) => user === who.name)
      .flatMap(({ losses, gains }) => [
        ...losses.map((change) => `${change.maybe ? "may lose" : "loses"} ${describeChange(change)}`),
        ...gains.map((change) => `${change.maybe ? "may gain" : "gains"} ${describeChange(change)}`),
      ]);

  it.each<[string, string, string, LoginRole, string[]]>([
    [
      "LDAP, and then SCRAM for who has no verifier",
      ldap,
      ALL,
      role("app", { storedHash: { kind: "none" } }),
      ["may lose every database from everywhere (line 1)"],
    ],
    [
      "LDAP, and then SCRAM for who has one",
      ldap,
      ALL,
      scrammed,
      ["may gain every database from everywhere (line 1)"],
    ],
    ["SCRAM, and then LDAP", ALL, ldap, scrammed, ["may lose every database from everywhere (line 1)"]],
    ["LDAP as before", ldap, `# the same\n${ldap}`, scrammed, []],
    [
      "GSSAPI, and then no rule",
      "host all app all gss",
      "host all admin all gss",
      scrammed,
      ["may lose every database from everywhere (line 1)"],
    ],
    [
      "PAM for one database, and then none",
      `host shop app 10.0.0.0/8 pam\n${ALL}`,
      `host shop app 10.0.0.0/8 reject\n${ALL}`,
      scrammed,
      ["may lose database shop from 10.0.0.0/8 (line 1)"],
    ],
    [
      "peer over the socket, and then SCRAM",
      `local all all peer\n${ALL}`,
      `local all all scram-sha-256\n${ALL}`,
      scrammed,
      ["may gain every database over a Unix socket (line 1)"],
    ],
    [
      "RADIUS without TLS only, and then not even that",
      `hostnossl all app all radius radiusservers=1.2.3.4 radiussecrets=s\nhostssl all app all scram-sha-256`,
      "hostssl all app all scram-sha-256",
      scrammed,
      ["may lose every database from everywhere without TLS (line 1)"],
    ],
    [
      "a host name, whose rule goes",
      "host all app db.example.com scram-sha-256",
      "host all admin all scram-sha-256",
      scrammed,
      ["may lose every database from everywhere (line 1)"],
    ],
    [
      "nobody can come, whatever decides",
      "host all app db.example.com reject",
      "host all admin all trust",
      scrammed,
      [],
    ],
  ])("%s", (_case, before, after, who, expected) => {
    expect(told(before, after, who)).toEqual(expected);
  });

  it("databases that a regular expression matches, where it is not known which there are", () => {
    const { databases, ...unlisted } = facts(scrammed);
    expect(databases).toBeDefined();
    const effects = effectsOf(
      "host /^shop app all scram-sha-256",
      "host other app all scram-sha-256",
      "postgresql",
      unlisted,
    );
    const [{ losses = [], gains = [] } = {}] = effects.filter(({ user }) => user === "app");
    expect(losses.map((change) => [change.maybe, describeChange(change)])).toEqual([
      [true, "every other database from everywhere (line 1)"],
    ]);
    expect(gains.map((change) => [change.maybe, describeChange(change)])).toEqual([
      [undefined, "database other from everywhere (line 1)"],
    ]);
  });
});
