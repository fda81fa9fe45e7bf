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
});
