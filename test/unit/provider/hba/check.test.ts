import { describe, expect, it } from "vitest";
import { hbaProvider } from "../../../../src/provider/hba/hba";
import { type Props, UNKNOWN } from "../../../../src/provider/wire";
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
      await check({ rules: [{ connection: "host", user: UNKNOWN, address: "all", method: "reject" }] }),
    ).toMatchObject({
      rules: UNKNOWN,
    });
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

describe("what is refused, in a sentence", () => {
  const failures = async (args: object) => {
    const { failures = [] } = await hbaProvider().check({}, {
      product: "cockroachdb",
      ...args,
    } as unknown as Props);
    return failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n");
  };

  it.each<[string, object, RegExp]>([
    ["rules in text", { rules: "host all" }, /rules must be of the form/],
    ["a rule that is none", { rules: [null] }, /rule 1 must be of the form/],
    [
      "half a rule",
      {
        rules: [
          { connection: "host", user: "all", address: "all", method: "reject" },
          { connection: "host" },
        ],
      },
      /rule 2 must be of the form/,
    ],
    ["a text that is none", { text: 5 }, /text must be the text/],
    [
      "a name for a list",
      { text: "host all all all reject", allowLockout: "app" },
      /allowLockout: must be a list of users/,
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
