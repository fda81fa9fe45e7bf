import { describe, expect, it } from "vitest";
import { parseHba } from "../../cockroachdb-stand-in/hba/parse";
import { expandUsers, rulesInForce } from "../../cockroachdb-stand-in/hba/rules";
import { PROFILES } from "../../cockroachdb-stand-in/profile";
import { useStandIn } from "../../cockroachdb-stand-in/testing";

const HBA = "server.host_based_authentication.configuration";
const SYNTAX = "F0000";
const LACKING = "0A000";
const REFERRAL =
  "You have attempted to use a feature that is not yet implemented.\nSee: https://go.crdb.dev/issue-v/0/stand-in";

/** Facts 1.1 to 1.4: text, code, message, and where the facts give it, the hint (its last line for `unimplemented`). */
const REFUSED: readonly (readonly [text: string, code: string, message: string, hint?: string])[] = [
  // 1.1: the scanner.
  ['host all "root all cert', "XXUUU", "line 1: unterminated quoted string"],
  ['\n#\nhost all "a\tb" all cert', "XXUUU", "line 3: invalid characters in quoted string"],
  // 1.2: the grammar.
  [
    "host,local all all all trust",
    SYNTAX,
    "line 1: multiple values specified for connection type",
    "Specify exactly one connection type per line.",
  ],
  ["hostgssenc all all all trust", SYNTAX, 'line 1: unknown connection type: "hostgssenc"'],
  ["HOST all all all trust", SYNTAX, 'line 1: unknown connection type: "HOST"'],
  ['"" all all all trust', SYNTAX, 'line 1: unknown connection type: ""'],
  ["host", SYNTAX, "line 1: end-of-line before database specification"],
  ["host all", SYNTAX, "line 1: end-of-line before role specification"],
  ["host all all", SYNTAX, "line 1: end-of-line before IP address specification"],
  [
    "host all all all,all trust",
    SYNTAX,
    "line 1: multiple values specified for host address",
    "Specify one address range per line.",
  ],
  ['host all all "" trust', SYNTAX, "line 1: cannot use empty string as address"],
  [
    "host all all samehost trust",
    LACKING,
    "line 1: unimplemented: address specification samehost is not yet supported",
  ],
  [
    "host all all samenet trust",
    LACKING,
    "line 1: unimplemented: address specification samenet is not yet supported",
  ],
  ["host all all 1.1.1/0 trust", SYNTAX, "line 1: invalid CIDR address: 1.1.1/0"],
  ["host all all 1.1.1.1/33 trust", SYNTAX, "line 1: invalid CIDR address: 1.1.1.1/33"],
  ["host all all ::1/129 trust", SYNTAX, "line 1: invalid CIDR address: ::1/129"],
  [
    "host all all 1.1.1.1",
    SYNTAX,
    "line 1: end-of-line before netmask specification",
    "Specify an address range in CIDR notation, or provide a separate netmask.",
  ],
  ["host all all 1.1.1.1 255.0.0.0,255.0.0.0 trust", SYNTAX, "line 1: multiple values specified for netmask"],
  ["host all all 1.1.1.1 trust", SYNTAX, 'line 1: invalid IP mask "trust": netmask not in IP numeric format'],
  ["host all all 1.1.1.1 1 trust", SYNTAX, 'line 1: invalid IP mask "1": netmask not in IP numeric format'],
  ["host all all ::1 0 trust", SYNTAX, 'line 1: invalid IP mask "0": netmask not in IP numeric format'],
  ["host all all 1.1.1.1 8.0.0.8 trust", SYNTAX, 'line 1: invalid IP mask "8.0.0.8": address is not a mask'],
  ["host all all 1.1.1.1 ffff:: trust", SYNTAX, "line 1: IP address and mask do not match"],
  ["host all all all", SYNTAX, "line 1: end-of-line before authentication method"],
  [
    "host all all all trust,cert",
    SYNTAX,
    "line 1: multiple values specified for authentication method",
    "Specify exactly one authentication method per line.",
  ],
  ['host all all all ""', SYNTAX, "line 1: cannot use empty string as authentication method"],
  ["local a b c d", SYNTAX, "line 1: authentication option not in name=value format: d"],
  ["host all all all cert map=a,b", SYNTAX, "line 1: authentication option not in name=value format: b"],
  ["host all all all cert map=", SYNTAX, "line 1: authentication option not in name=value format: map="],
  ["host all all all trust\n\nhost all", SYNTAX, "line 3: end-of-line before role specification"],
  // 1.3: the checks of SET.
  ["# nothing\n\n", "XXUUU", "no entries", "To use the default configuration, assign the empty string ('')."],
  ["loopback all all all trust", LACKING, "unimplemented: unsupported connection type: loopback"],
  [
    "host mydb all all trust",
    LACKING,
    "unimplemented: per-database HBA rules are not supported",
    "Use the special value 'all' (without quotes) to match all databases.",
  ],
  ['host "all" all all trust', LACKING, "unimplemented: per-database HBA rules are not supported"],
  ["host replication all all trust", LACKING, "unimplemented: per-database HBA rules are not supported"],
  [
    "host all all myhost trust",
    LACKING,
    "unimplemented: hostname-based HBA rules are not supported",
    "Alternatively, use 'all' (without quotes) for any IPv4/IPv6 address.",
  ],
  ['host all all "all" trust', LACKING, "unimplemented: hostname-based HBA rules are not supported"],
  ["host all all all md5", LACKING, 'unimplemented: unknown auth method "md5"'],
  ["local a b 1.1.1.1", LACKING, "unimplemented: per-database HBA rules are not supported"],
  // 1.4: options.
  ["host all all all trust a=b", "XXUUU", 'the HBA method "trust" does not accept options'],
  ["host all all all scram-sha-256 a=b", "XXUUU", 'the HBA method "scram-sha-256" does not accept options'],
  ["host all all all ldap foo=bar", "XXUUU", 'unknown ldap option provided in hba conf: "foo"'],
  ["host all all all ldap ldapserver=a", "XXUUU", 'ldap option not found in hba entry: "ldapport"'],
  [
    "host all all all ldap ldapserver=a ldapport=1",
    "XXUUU",
    'LDAP option "ldapport" is set to invalid value: "1"',
  ],
];

const ACCEPTED = [
  "",
  "local all all trust",
  "hostssl all all 10.0.0.0/8 cert map=m x=y",
  "host all a, b all password # comment",
  'host all "all" all trust',
  "host all all 2.3.4.5/8 trust",
  "host all all ::1/0 trust",
  "host all all 1.1.1.1 255.255.0.0 trust",
  '"host" all all "10.0.0.0/8" "trust"',
  "  host all all all trust\r\n\n  # the end\n",
  // Facts 1.3.7: nobody asks whether it can work.
  "local all all cert",
  "host all +group all trust",
];

/** Facts 1.1, 1.2, 1.4: the versions differ; [text, v22.1, v24.3, v26.1], the error or nothing. */
const methods = (list: string) => `${REFERRAL}\n--\nSupported methods: ${list}`;
const OLD = "cert, cert-password, cert-scram-sha-256, password, reject, scram-sha-256, trust";
const BY_VERSION: readonly (readonly [text: string, v22: string, v24: string, v26: string])[] = [
  ['host all all all cert k="v w"', "line 1: authentication option not in name=value format: v w", "", ""],
  [
    "host all all all cert k= O=x, y",
    "line 1: authentication option not in name=value format: y",
    "line 1: authentication option not in name=value format: y",
    "",
  ],
  [
    "host all all all cert k=",
    "",
    "line 1: authentication option not in name=value format: k=",
    "line 1: authentication option not in name=value format: k=",
  ],
  [
    "host all a\u0001b all trust",
    "",
    'line 1: unsupported character: "\\u0001"',
    'line 1: unsupported character: "\\u0001"',
  ],
  [
    "host all all all peer",
    'unimplemented: unknown auth method "peer"',
    'unimplemented: unknown auth method "peer"',
    "",
  ],
  [
    "host all all all ldap",
    'unimplemented: unknown auth method "ldap"',
    'ldap option not found in hba entry: "ldapserver"',
    'ldap option not found in hba entry: "ldapserver"',
  ],
];
const HINTS = {
  "v22.1": methods(OLD),
  "v24.3": methods(OLD.replace("password, reject", "ldap, password, reject")),
  "v26.1": methods(OLD.replace("password, reject", "ldap, password, peer, reject")),
};

describe.each(["v22.1", "v24.3", "v26.1"] as const)("%s: SET of the HBA configuration", (version) => {
  const bed = useStandIn({ version });
  const set = (text: string) => bed.refusal(`SET CLUSTER SETTING ${HBA} = $1`, [text]);

  it.each(BY_VERSION)("%j", async (text, v22, v24, v26) => {
    const message = { "v22.1": v22, "v24.3": v24, "v26.1": v26 }[version];
    expect((await set(text))?.message ?? "").toBe(message);
  });

  it("names the methods it has", async () => {
    expect(await set("host all all all oauth")).toMatchObject({ code: "0A000", hint: HINTS[version] });
  });
});

describe("SET of the HBA configuration", () => {
  const bed = useStandIn();
  const set = (text: string) => bed.refusal(`SET CLUSTER SETTING ${HBA} = $1`, [text]);

  it.each(REFUSED.map(([text, code, message, hint]) => ({ text, code, message, hint })))(
    "refuses $text",
    async ({ text, code, message, hint }) => {
      const refusal = await set(text);
      expect(refusal).toMatchObject({ code, message });
      if (hint !== undefined) expect(refusal?.hint?.split("\n").at(-1)).toBe(hint);
      if (code === LACKING && hint !== undefined) expect(refusal?.hint).toContain(`${REFERRAL}\n--\n`);
    },
  );

  it.each(ACCEPTED)("takes %j and keeps it byte for byte", async (text) => {
    expect(await set(text)).toBeUndefined();
    expect(await bed.rows(`SHOW CLUSTER SETTING ${HBA}`)).toEqual([{ [HBA]: text }]);
  });
});

/** Facts 1.5, 1.7: the configuration, who comes, whether that is let in. Everybody has the password `pw`. */
const MATCHES: readonly (readonly [text: string, user: string, outcome: "in" | "28000" | "28P01"])[] = [
  ["host all all all reject", "alice", "28000"],
  ["host all all 127.0.0.1/32 trust", "alice", "in"],
  ["host all all 127.255.255.255/8 trust", "alice", "in"],
  ["host all all 127.0.0.0 255.0.0.0 trust", "alice", "in"],
  ["host all all 10.0.0.0/8 trust", "alice", "28000"],
  ["host all all ::/0 trust", "alice", "28000"],
  ["hostssl all all all trust", "alice", "28000"],
  ["hostnossl all all all trust", "alice", "in"],
  ["local all all trust", "alice", "28000"],
  ["host all bob, ALICE all trust\nhost all all all reject", "alice", "in"],
  ['host all "Alice" all trust', "alice", "in"],
  ['host all "all" all trust', "alice", "28000"],
  ["host all bob,all all trust", "alice", "in"],
  ["host all +admin all trust", "root", "in"],
  // The first that matches decides.
  ["host all alice all reject\nhost all all all trust", "alice", "28000"],
  ["host all all all scram-sha-256\nhost all all all trust", "alice", "in"],
  // The mandatory rule is put before anything that is not exactly it, or its alternative.
  ["host all root all reject", "root", "in"],
  ["hostssl all root all cert-password\nhost all all all reject", "root", "in"],
  ["host all root 127.0.0.1/32 cert-password\nhost all all all reject", "root", "in"],
  ["host all root all cert-password\nhost all all all reject", "alice", "28000"],
];

describe.each(["v22.1", "v24.3"] as const)("%s: which rule applies", (version) => {
  const bed = useStandIn({ version });

  it.each(MATCHES)("%j for %s: %s", async (text, user, outcome) => {
    await bed.rows("CREATE USER IF NOT EXISTS alice PASSWORD 'pw'");
    await bed.rows(`SET CLUSTER SETTING ${HBA} = $1`, [text]);
    const seen = await bed.login(user, user === "root" ? "root" : "pw");
    expect(seen === "in" ? seen : seen.code).toBe(
      // Bcrypt is v22.1's own hash, and no SCRAM.
      version === "v22.1" && text.startsWith("host all all all scram") ? "28P01" : outcome,
    );
  });

  it("existing sessions go on, new ones see the change at once", async () => {
    await bed.rows("CREATE USER IF NOT EXISTS alice PASSWORD 'pw'");
    await bed.rows(`SET CLUSTER SETTING ${HBA} = 'host all all all trust'`);
    await bed.withClient(
      async (client) => {
        await bed.rows(`SET CLUSTER SETTING ${HBA} = 'host all all all reject'`);
        expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
        expect(await bed.login("alice", "pw")).toMatchObject({ code: "28000" });
      },
      bed.urlFor("alice", "pw"),
    );
    await bed.rows(`RESET CLUSTER SETTING ${HBA}`);
    expect(await bed.login("alice", "pw")).toBe("in");
  });
});

/** Facts 1.5: what is put before the lines given, in its order; `L` loopback, `R` the mandatory root rule, `*` the lines. */
const IN_FORCE: readonly (readonly [text: string, v22: string, newer: string])[] = [
  ["", "R*", "RL*"],
  ["host all all all trust", "R*", "LR*"],
  ["host all root all cert-password", "*", "L*"],
  ["host all root,foo all cert-password", "*", "L*"],
  ["host all root 127.0.0.1/32 cert-password", "R*", "L*"],
  ["host all root 127.0.0.1 255.255.255.255 cert-password", "R*", "LR*"],
  ["host all root 127.0.0.2/32 cert-password", "R*", "LR*"],
  ["hostssl all root all cert-password", "R*", "LR*"],
  ['host all "root" all cert-password', "R*", "LR*"],
  ["host all root all cert", "R*", "LR*"],
  ["host all root all cert-password map=m", "R*", "LR*"],
  ["host all foo,root all cert-password", "R*", "LR*"],
  ["host all root,all all cert-password", "R*", "LR*"],
];

it.each(IN_FORCE)("in force with %j: %s, newer %s", (text, ...expected) => {
  const added = (["v22.1", "v24.3"] as const).map((version) => {
    const rules = rulesInForce(text, PROFILES[version]);
    const own = text === "" ? 2 : parseHba(text, PROFILES[version]).flatMap(expandUsers).length;
    // In the default, loopback is the second.
    return `${rules
      .slice(0, rules.length - own)
      .map(({ type }) => (type === "loopback" ? "L" : "R"))
      .join("")}*`;
  });
  expect(added).toEqual(expected);
});
