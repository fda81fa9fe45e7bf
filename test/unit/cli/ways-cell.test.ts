import { describe, expect, it } from "vitest";
import { waysCell } from "../../../src/cli/terminal/ways-cell";
import { audit, BCRYPT, type Given, NONE, role, scram } from "../../support/audit";

const COCKROACHDB: Given = {
  product: "cockroachdb",
  context: { version: "24.3", settings: { scramCost: 10_610 } },
};
const CERT_PASSWORD = "host all all all cert-password";

describe("what stands under rules", () => {
  it.each<[string, string, ReturnType<typeof scram>, Given, string]>([
    [
      "CockroachDB's default",
      "",
      scram(10_610),
      COCKROACHDB,
      "built-in cert-password (certificate, SCRAM); built-in password (in clear)",
    ],
    [
      "another count there",
      "",
      scram(5000),
      COCKROACHDB,
      "built-in cert-password (certificate, in clear); built-in password (in clear)",
    ],
    ["bcrypt there", CERT_PASSWORD, BCRYPT, COCKROACHDB, "1 cert-password (certificate, in clear)"],
    ["no password there", CERT_PASSWORD, NONE, COCKROACHDB, "1 cert-password (certificate, SCRAM fails)"],
    [
      "bcrypt where SCRAM is asked",
      "host all all all cert-scram-sha-256",
      BCRYPT,
      COCKROACHDB,
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
