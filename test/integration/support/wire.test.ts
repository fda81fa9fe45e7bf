import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { expect, it } from "vitest";
import { serverUrl, storedHash } from "../../support/server";
import { query } from "../../support/targets";
import { wireTo } from "../../support/wire";

const name = () => `wire_${randomUUID().slice(0, 8)}`;
const exists = async (role: string) => (await storedHash(role)) !== undefined;

it("passes everything on, names each statement once, simple or with parameters, and records both directions", async () => {
  const wire = await wireTo(serverUrl());

  const rows = await query(wire.url, "SELECT repeat($1, 100000) AS text", ["a word and "]);
  await query(wire.url, "SELECT 'simple'");

  expect(rows).toEqual([{ text: "a word and ".repeat(100_000) }]);
  expect(wire.statements).toEqual(["SELECT repeat($1, 100000) AS text", "SELECT 'simple'"]);
  const recorded = Object.fromEntries(wire.recorded());
  expect(recorded["connection 1, to the server"]?.includes("a word and ")).toBe(true);
  expect(recorded["connection 1, to the client"]?.length).toBeGreaterThan(1_100_000);
  expect(recorded["connection 2, to the server"]?.includes("SELECT 'simple'")).toBe(true);
});

it.each([
  ["before", "a statement", false],
  ["after", "a statement", true],
] as const)("cut %s %s, the server has carried it out: %s", async (when, _statement, carriedOut) => {
  const wire = await wireTo(serverUrl());
  const [first, second] = [name(), name()];
  wire.cut({ at: 1, when });

  await expect(query(wire.url, `CREATE ROLE ${first}`)).rejects.toThrow("Connection terminated");

  expect(wire.cuts).toBe(1);
  expect(await exists(first)).toBe(carriedOut);
  await query(wire.url, `CREATE ROLE ${second}`);
  expect(await exists(second)).toBe(true);
});

it("a statement with parameters is cut after it was executed, not after it was parsed", async () => {
  const wire = await wireTo(serverUrl());
  const role = name();
  wire.cut({ at: "set_config", when: "after" });

  const cut = query(wire.url, "SELECT lo_from_bytea(0, $1), set_config('a.b', 'c', false)", [
    Buffer.from(role),
  ]);

  await expect(cut).rejects.toThrow("Connection terminated");
  const found = await query(serverUrl(), "SELECT loid FROM pg_largeobject WHERE data = $1", [
    Buffer.from(role),
  ]);
  expect(found).toHaveLength(1);
});

it("cut for good, every connection is lost and no other gets through until the wire is healed", async () => {
  const wire = await wireTo(serverUrl());
  const idle = new pg.Client(wire.url);
  await idle.connect();
  const idleEnded = new Promise<void>((ended) => idle.on("error", () => {}).on("end", ended));
  wire.cut({ at: 1, when: "before", forGood: true });

  await expect(query(wire.url, "SELECT 1")).rejects.toThrow("Connection terminated");
  await idleEnded;
  await expect(query(wire.url, "SELECT 2")).rejects.toThrow("Connection terminated");
  wire.heal();

  expect(await query(wire.url, "SELECT 3 AS three")).toEqual([{ three: 3 }]);
});

it("a hook sees each statement on both sides of the server, and the bytes wait for it", async () => {
  const wire = await wireTo(serverUrl());
  const role = name();
  const seen: string[] = [];
  wire.onStatement(async (number, statement, when) => {
    await setTimeout(50);
    seen.push(`${number} ${when} ${statement}: ${await exists(role)}`);
  });

  await query(wire.url, `CREATE ROLE ${role}`);

  expect(seen).toEqual([`1 before CREATE ROLE ${role}: false`, `1 after CREATE ROLE ${role}: true`]);
});

it("what the server says when it ends a session still arrives", async () => {
  const wire = await wireTo(serverUrl());

  await expect(query(wire.url, "SELECT pg_terminate_backend(pg_backend_pid())")).rejects.toThrow(
    "terminating connection due to administrator command",
  );
});
