import fc from "fast-check";
import pg from "pg";
import { expect, it } from "vitest";
import { saslprep } from "../../../src/scram/saslprep";
import { classifyStoredHash } from "../../../src/scram/stored-hash";
import { verifyPassword } from "../../../src/scram/verifier";
import { serverUrl } from "../../support/server";
import { serverHas } from "../../support/server-version";

/** Without the setting, the server hashes each with 4,096 iterations. */
const [SAMPLES, FEWER_ITERATIONS] = serverHas("scramIterations")
  ? [3000, "SET scram_iterations = 2;"]
  : [300, ""];

/** Code points where SASLprep does something, and their neighbours, between code points where it does nothing. */
const interesting = fc.constantFrom(
  ..."\u00a0\u00ad\u034f\u0627\u05d0\u0661\u200b\u200e\u2028\u2126\u212b\u3000\ufb01\uff21\ufdfa\ufeff\ufffc\u1806\u2060\u0340\u06dd\u{1d15e}\u{1f511}\u{e0001}\u0221\u0378\u0085\u007f\u0007ªäÄßǅ①ﬀ",
);
const anyCharacter = fc.oneof(
  { arbitrary: interesting, weight: 4 },
  { arbitrary: fc.constantFrom(..."aZ 9"), weight: 3 },
  {
    arbitrary: fc
      .integer({ min: 1, max: 0xffff })
      .filter((c) => c < 0xd800 || c > 0xdfff)
      .map((c) => String.fromCodePoint(c)),
    weight: 3,
  },
  { arbitrary: fc.integer({ min: 0x10000, max: 0x10ffff }).map((c) => String.fromCodePoint(c)), weight: 1 },
);
const password = fc
  .array(anyCharacter, { minLength: 1, maxLength: 8 })
  .map((characters) => characters.join(""));

it(`${SAMPLES} generated passwords: we derive what the server derives, with its salt and iteration count`, async () => {
  const client = new pg.Client(serverUrl());
  await client.connect();
  await client.query(`${FEWER_ITERATIONS} SET log_statement = 'none'; CREATE ROLE saslprep_probe`);
  const disagreements: string[] = [];
  const refusals = new Map<string, number>();
  for (const sample of fc.sample(password, { numRuns: SAMPLES, seed: 20261122 })) {
    await client.query(`ALTER ROLE saslprep_probe PASSWORD ${pg.escapeLiteral(sample)}`);
    const { rows } = await client.query("SELECT rolpassword FROM pg_authid WHERE rolname = 'saslprep_probe'");
    const stored = classifyStoredHash(rows[0].rolpassword);
    if (stored.kind !== "scram-sha-256" || !(await verifyPassword(sample, stored.verifier))) {
      disagreements.push([...sample].map((c) => c.codePointAt(0)?.toString(16)).join(" "));
    }
    const outcome = saslprep(sample).refused ?? "prepared";
    refusals.set(outcome, (refusals.get(outcome) ?? 0) + 1);
  }
  await client.query("DROP ROLE saslprep_probe");
  await client.end();

  console.log(
    `SASLprep agrees with the server on ${SAMPLES - disagreements.length} of ${SAMPLES}:`,
    Object.fromEntries(refusals),
  );
  expect(disagreements).toEqual([]);
  // Every branch was taken, or the comparison would prove little.
  expect([...refusals.keys()].sort()).toEqual([
    "bidirectional",
    "empty",
    "prepared",
    "prohibited",
    "unassigned",
  ]);
});
