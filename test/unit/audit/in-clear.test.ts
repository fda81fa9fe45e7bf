import { describe, expect, it } from "vitest";
import { waysCell } from "../../../src/cli/ways-cell";
import type { CockroachdbSettings } from "../../../src/hba";
import { audit, BCRYPT, type Given, messages, NONE, role, scram } from "../../support/audit";

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

describe("the column of rules", () => {
  it.each<[string, string, ReturnType<typeof scram>, Given, string]>([
    [
      "CockroachDB's default",
      "",
      scram(10_610),
      cockroachdb(),
      "built-in cert-password (certificate, SCRAM); built-in password (in clear)",
    ],
    [
      "another count there",
      "",
      scram(5000),
      cockroachdb(),
      "built-in cert-password (certificate, in clear); built-in password (in clear)",
    ],
    ["bcrypt there", CERT_PASSWORD, BCRYPT, cockroachdb(), "1 cert-password (certificate, in clear)"],
    ["no password there", CERT_PASSWORD, NONE, cockroachdb(), "1 cert-password (certificate, SCRAM fails)"],
    [
      "bcrypt where SCRAM is asked",
      "host all all all cert-scram-sha-256",
      BCRYPT,
      cockroachdb(),
      "1 cert-scram-sha-256 (certificate, SCRAM fails)",
    ],
    [
      "methods that say it",
      "hostssl all all 10.0.0.0/8 cert\nhost all all 11.0.0.0/8 scram-sha-256\nlocal all all scram-sha-256",
      scram(4096),
      {},
      "1 cert; 2, 3 scram-sha-256",
    ],
    ["md5, which is SCRAM for a SCRAM hash", "host all all all md5", scram(4096), {}, "1 md5 (SCRAM)"],
    [
      "a rule that may match",
      "host all app db.example.com scram-sha-256",
      scram(4096),
      {},
      "1 scram-sha-256 (?)",
    ],
    ["none", "host all other all scram-sha-256", scram(4096), {}, "none"],
  ])("%s", (_case, rules, storedHash, given, expected) => {
    expect(waysCell(audit(rules, [role({ storedHash })], given).users[0]?.ways ?? [])).toBe(expected);
  });
});
