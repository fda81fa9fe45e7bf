import { describe, expect, it } from "vitest";
import type { CockroachdbSettings } from "../../../src/hba";
import { type Given, messages, scram } from "../../support/audit";

const cockroachdb = (settings: Partial<CockroachdbSettings> = {}): Given => ({
  product: "cockroachdb",
  context: { version: "24.3", settings: { scramCost: 10_610, ...settings } },
});
const CERT_PASSWORD = "host all all all cert-password";

describe("a password in clear", () => {
  it.each<[string, string, ReturnType<typeof scram>, Given, string[]]>([
    [
      "is not said of CockroachDB's own socket rule, which nobody wrote",
      "",
      scram(10_610),
      cockroachdb(),
      [],
    ],
    [
      "is said of another count than the cluster's, by the rule for the network",
      "",
      scram(5000),
      cockroachdb(),
      [
        "warning cleartext-rehashed: is asked for its password in clear by a built-in rule, and hashed again: it has 5000 iterations, the cluster's cost is 10610",
      ],
    ],
    [
      "has another reason where the cluster goes back to bcrypt",
      CERT_PASSWORD,
      scram(10_610),
      cockroachdb({ passwordEncryption: "crdb-bcrypt" }),
      [
        "warning cleartext-downgraded: is asked for its password in clear by line 1, and stored as bcrypt then: the cluster's password_encryption is crdb-bcrypt",
      ],
    ],
    [
      "is worth knowing of a socket rule that somebody wrote",
      "host all all all scram-sha-256\nlocal all all password",
      scram(10_610),
      cockroachdb(),
      ["info cleartext: is asked for its password in clear by line 2 (password), over a Unix socket only"],
    ],
    [
      "crosses the network by a rule for hosts",
      "local all all password\nhost all all all password",
      scram(10_610),
      {},
      ["warning cleartext: is asked for its password in clear by line 2 (password)"],
    ],
  ])("%s", (_case, rules, storedHash, given, expected) => {
    expect(messages(rules, { storedHash }, given)).toEqual(expected);
  });
});
