import { describe, expect, it } from "vitest";
import { hbaProvider } from "../../../../src/provider/hba/hba";
import { type Props, UNKNOWN } from "../../../../src/provider/protocol/wire";
import { isWrapped } from "../../../support/engine-side";

const check = async (args: object, olds: Props = {}) =>
  (await hbaProvider().check(olds, { product: "cockroachdb", ...args } as unknown as Props)).inputs ?? {};

describe("what is recorded of HBA rules", () => {
  it("is plain, line by line", async () => {
    expect(
      (await check({ text: "host all root all cert-password\nhost all all all cert-password" })).rules,
    ).toEqual({
      "000010": "host all root all cert-password",
      "000020": "host all all all cert-password",
    });
  });

  it("is secret when a rule holds a password", async () => {
    const ldap =
      "host all all all ldap ldapserver=ldap.example.com ldapport=636 ldapbasedn=dc=x ldapbinddn=cn=x ldapbindpasswd=Canary ldapsearchattribute=uid ldapsearchfilter=(objectClass=*)";
    const inputs = await check({ text: ldap });

    expect(isWrapped(inputs.rules)).toBe(true);
    expect(JSON.stringify({ ...inputs, rules: "" })).not.toContain("Canary");
  });

  it("is unknown while the rules are", async () => {
    expect(
      await check({ rules: [{ type: "host", user: UNKNOWN, address: "all", method: "reject" }] }),
    ).toMatchObject({
      rules: UNKNOWN,
    });
  });

  it("is nothing of typed rules that are secret and wrong, not in the message either", async () => {
    const wrong = { type: "host", user: "all", address: "all", method: "canary" };
    const news = { product: "cockroachdb", rules: [wrong], secretRules: true } as unknown as Props;
    const { failures } = await hbaProvider().check({}, news);
    expect(failures?.map(({ reason }) => reason)).toEqual([
      "the rules are refused (not shown why, because they are secret)",
    ]);
  });

  it("is a secret connection", async () => {
    const inputs = await check({ text: "host all all all cert-password", connection: "postgresql://u:p@h" });
    expect(isWrapped(inputs.connection)).toBe(true);
  });

  it("is secret when the text that was given is", async () => {
    const inputs = await check({ text: "host all all all cert-password", secretRules: true });
    expect(isWrapped(inputs.rules)).toBe(true);
    expect(inputs.secretRules).toBe(true);
  });

  it.each([
    [
      "the recorded rules copied over the program's",
      { rules: { "000010": "host all all all cert-password" } },
    ],
    ["nothing left of the program's", {}],
  ])("stays under ignoreChanges: %s", async (_case, args) => {
    const olds = { product: "cockroachdb", rules: { "000010": "host all all all cert-password" } };
    expect((await check(args, olds)).rules).toEqual(olds.rules);
  });
});

const RULE = { type: "host", user: "app", address: "127.0.0.1/32", method: "scram-sha-256" };

describe("what is refused, in a sentence", () => {
  const failures = async (args: object) => {
    const { failures = [] } = await hbaProvider().check({}, {
      product: "cockroachdb",
      ...args,
    } as unknown as Props);
    return failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n");
  };

  it.each<[string, object, RegExp]>([
    ["rules in text", { rules: "host all" }, /rules must be a list of rules/],
    ["a rule that is none", { rules: [null] }, /Rule 1: a rule is of the form/],
    [
      "half a rule",
      {
        rules: [{ type: "host", user: "all", address: "all", method: "reject" }, { type: "host" }],
      },
      /Rule 2: user is missing; a rule is of the form/,
    ],
    [
      "a misspelt column, without which the rule would be for all databases",
      { rules: [{ ...RULE, databse: "shop" }] },
      /^: Rule 1: databse is not part of a rule; it takes type, database, user, address, method, options, comment$/,
    ],
    ["a number for a user", { rules: [{ ...RULE, user: 5 }] }, /Rule 1: user must be a name, \{ name \}, or/],
    ["no user among several", { rules: [{ ...RULE, user: ["app", ""] }] }, /Rule 1: user must be a name/],
    ["null for all databases", { rules: [{ ...RULE, database: null }] }, /Rule 1: database must be a name/],
    ["a group, on CockroachDB", { rules: [{ ...RULE, user: { memberOf: "a" } }] }, /Rule 1: user must be/],
    [
      "a misspelt key of a name",
      { product: "postgresql", rules: [{ ...RULE, user: { membrOf: "a" } }] },
      /Rule 1: user must be a name, \{ name \} or \{ matches \} or \{ memberOf \}, or a list of such/,
    ],
    ["a number for an address", { rules: [{ ...RULE, address: 10 }] }, /Rule 1: address must be text/],
    ["no address", { rules: [{ ...RULE, address: undefined }] }, /Rule 1: address is missing/],
    [
      "an address on a socket",
      { rules: [{ ...RULE, type: "local" }] },
      /Rule 1: address is for TCP; a rule for local has none/,
    ],
    [
      "a connection type of another product",
      { rules: [{ ...RULE, type: "hostgssenc" }] },
      /Rule 1: type must be one of local, host, hostssl, hostnossl$/,
    ],
    [
      "a method with a column behind it",
      { rules: [{ ...RULE, method: "trust # Canary" }] },
      /Rule 1: method must be the name of a method/,
    ],
    ["text for options", { rules: [{ ...RULE, options: "Canary" }] }, /Rule 1: options must be an object/],
    [
      "true for an option",
      { rules: [{ ...RULE, method: "ldap", options: { ldapbindpasswd: "Canary", ldaptls: true } }] },
      /Rule 1: options must give ldaptls as text/,
    ],
    [
      "a misspelt option",
      { product: "postgresql", rules: [{ ...RULE, method: "pam", options: { pamsrvice: "x" } }] },
      /Rule 1 is refused by the server: unrecognized authentication option name: "pamsrvice"/,
    ],
    ["a text that is none", { text: 5 }, /text must be the text/],
    [
      "a name for a list",
      { text: "host all all all reject", allowLockout: "app" },
      /allowLockout must be a list of users/,
    ],
    [
      "a line with a password, which is not repeated",
      { text: 'host all all all ldap "ldapbindpasswd Canary" ldapbindpasswd=Canary' },
      /^: line 1 of the HBA rules: [a-z-]+ \(not shown in full, .*; `pulumi-scram hba lint` tells the rest\)/,
    ],
  ])("%s", async (_case, args, message) => {
    expect(await failures(args)).toMatch(message);
    expect(await failures(args)).not.toContain("Canary");
  });
});
