import { expect, it } from "vitest";
import { cli } from "../../support/cli";

const KEYS = "$ulRLI4fp/bvJN/oBC3x6Q8daLnPit2eWLvm2sex9vyc=:XHVeRmT8iboSn0KMbIx3nMRrebR2gIbi+qEMnHfJi+I=";
const scram = (iterations: number) => `SCRAM-SHA-256$${iterations}:D1nWfUQfRP2HWbVuK19Ntw==${KEYS}`;
const MD5 = "md50123456789abcdef0123456789abcdef";
const BCRYPT = "CRDB-BCRYPT$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";

it.each<[string, string, object, string[]]>([
  ["a verifier", scram(10_610), { kind: "scram-sha-256", iterations: 10_610, saltBytes: 16 }, []],
  [
    "one of PostgreSQL's count",
    scram(4096),
    { kind: "scram-sha-256", iterations: 4096 },
    ["info iterations-not-default"],
  ],
  [
    "one that drivers refuse",
    scram(119_680),
    { kind: "scram-sha-256" },
    ["warning iterations-over-drivers", "info iterations-not-default"],
  ],
  [
    "one of too few",
    scram(1000),
    { iterations: 1000 },
    ["warning iterations-few", "info iterations-not-default"],
  ],
  ["md5", MD5, { kind: "md5" }, ["warning md5"]],
  ["bcrypt", BCRYPT, { kind: "bcrypt", cost: 10 }, ["warning bcrypt"]],
])("%s", async (_case, hash, facts, findings) => {
  const { status, out, err } = await cli(["inspect", "--json"], { input: `${hash}\n` });
  const { findings: found, ...rest } = JSON.parse(out);
  expect([status, err]).toEqual([0, ""]);
  expect(rest).toMatchObject(facts);
  expect(
    found.map(({ severity, code }: { severity: string; code: string }) => `${severity} ${code}`),
  ).toEqual(findings);
});

it.each([
  ["a password", "hunter2", /does not begin with SCRAM-SHA-256/],
  ["keys of odd base64", "SCRAM-SHA-256$4096:AAAA$x:y", /StoredKey of the verifier is no canonical base64/],
  ["nothing", "", /none/],
])("%s is no hash, which is a no", async (_case, text, why) => {
  const { status, out } = await cli(["inspect", text]);
  expect(status).toBe(1);
  expect(out.replaceAll(/\s+/g, " ")).toMatch(why);
});

it("shows a person the parts, and neither StoredKey nor ServerKey", async () => {
  const { out } = await cli(["inspect", scram(119_680)]);
  expect(out).toBe(
    [
      "kind        scram-sha-256",
      "iterations  119680",
      "salt bytes  16",
      "warning     it has 119680 iterations; drivers refuse more than 100000",
      "info        it has another iteration count than CockroachDB's default of 10610:",
      "            under a cert-password rule, a cluster asks for the password in clear",
      "            text and hashes it again",
      "",
    ].join("\n"),
  );
});
