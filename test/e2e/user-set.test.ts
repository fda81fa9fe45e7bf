import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { diagnosticsOf } from "../support/diagnostics";
import { login, serverUrl, sql } from "../support/server";
import { Stack } from "../support/stack";

const COUNT = 1_000;

/** A set of as many users as are asked for; those that are named get the second password. */
const PROGRAM = `
  const { ScramUserSet } = require("pulumi-scram");
  const { prefix, count, rotated = [], reserved } = JSON.parse(process.env.ARGS);
  const names = Array.from({ length: count }, (_, i) => (i === reserved ? "pg_" : "") + prefix + i);
  new ScramUserSet("apps", {
    // PostgreSQL computes the hash of every verifier again: as little of that as is allowed.
    defaults: { iterations: 4096 },
    users: Object.fromEntries(names.map((name, i) => [name, { password: (rotated.includes(i) ? "second-" : "first-") + name }])),
  });
`;

async function countOf(prefix: string): Promise<number> {
  const rows = await sql<{ count: string }>("SELECT count(*) FROM pg_roles WHERE starts_with(rolname, $1)", [
    prefix,
  ]);
  return Number(rows[0]?.count);
}

it("1,000 users in a set: up with one that fails, repaired, unchanged, ten rotated, destroyed", async () => {
  const stack = await Stack.create(PROGRAM);
  const prefix = `set_${randomUUID().slice(0, 8)}_`;
  const env = (more: object = {}) => ({
    SCRAM_DATABASE_URL: serverUrl(),
    ARGS: JSON.stringify({ prefix, count: COUNT, ...more }),
  });

  // A name that PostgreSQL reserves is refused before anything is made. (At apply: integration/provider/user-set.test.ts.)
  const refused = await stack.fail(["up", "--yes"], env({ reserved: 500 }));
  expect(refused).toContain(`users.pg_${prefix}500: username is a name that the server keeps for itself`);
  expect(await countOf(prefix)).toBe(0);

  // User 500 cannot be made: 999 are, and it alone is named.
  await sql(`CREATE ROLE ${prefix}500`);
  const failed = await stack.fail(["up", "--yes", "--skip-preview"], env());
  expect(failed).toContain(`user "${prefix}500": could not create role "${prefix}500": it exists already`);
  expect(diagnosticsOf(failed).filter((line) => line.includes("could not create"))).toHaveLength(1);
  expect(await countOf(prefix)).toBe(COUNT);
  expect(await login(`${prefix}999`, `first-${prefix}999`)).toBe(`${prefix}999`);
  const { outputs, initErrors } = await stack.resource("apps");
  expect(Object.keys(outputs?.users ?? {})).toHaveLength(COUNT - 1);
  expect(initErrors).toHaveLength(1);

  // The next up repairs it.
  await sql(`DROP ROLE ${prefix}500`);
  expect(await stack.up(env())).toMatch(/1 updated/);
  expect(await login(`${prefix}500`, `first-${prefix}500`)).toBe(`${prefix}500`);
  expect((await stack.resource("apps")).initErrors ?? []).toEqual([]);

  // Unchanged.
  expect(await stack.up(env())).toMatch(/2 unchanged/);

  // Ten rotate; the preview names these and no others, and no secret.
  const rotated = [3, 30, 99, 100, 333, 500, 501, 700, 998, 999];
  const preview = await stack.preview(env({ rotated }));
  const named = [...preview.matchAll(new RegExp(`${prefix}(\\d+)`, "g"))].map(([, i]) => Number(i));
  expect([...new Set(named)].sort((a, b) => a - b)).toEqual(rotated);
  expect(preview.match(/generation\s*: 1 => 2/g)).toHaveLength(rotated.length);
  expect(preview.match(/verifier\s*: \[secret\] => \[secret\]/g)).toHaveLength(rotated.length);
  expect(preview).not.toContain("SCRAM-SHA-256$");
  await stack.up(env({ rotated }));
  expect(await login(`${prefix}333`, `second-${prefix}333`)).toBe(`${prefix}333`);
  await expect(login(`${prefix}333`, `first-${prefix}333`)).rejects.toThrow("password authentication failed");
  expect(await login(`${prefix}334`, `first-${prefix}334`)).toBe(`${prefix}334`);

  await stack.succeed(["destroy", "--yes"], env());
  expect(await countOf(prefix)).toBe(0);
}, 240_000);
