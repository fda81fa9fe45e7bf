import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { login, serverUrl, sql } from "../support/server";
import { Stack } from "../support/stack";

/**
 * The same role declared by another package, and then by this one. That package's plugin cannot be had on every machine: a
 * dynamic resource stands for `postgresql.Role`, and creates and drops its role at the moments at which that one does.
 */
const PROGRAM = `
  const pulumi = require("@pulumi/pulumi");
  const { ScramUser } = require("pulumi-scram");
  const { name, by, retainOnDelete } = JSON.parse(process.env.ARGS);
  const query = async (text) => {
    const { Client } = require("pg");
    const client = new Client(process.env.SCRAM_DATABASE_URL);
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  const role = {
    create: async () => {
      await query("CREATE ROLE " + name + " LOGIN PASSWORD 'theirs'");
      return { id: name };
    },
    delete: (id) => query("DROP ROLE " + id),
  };
  if (by === "the other package") new pulumi.dynamic.Resource(role, name, {}, { retainOnDelete });
  if (by === "this package") new ScramUser(name, { password: "Canary-ours", adopt: true });
`;

async function started() {
  const stack = await Stack.create(PROGRAM);
  const name = `e2e_${randomUUID().slice(0, 8)}`;
  const env = (args: object) => ({
    SCRAM_DATABASE_URL: serverUrl(),
    ARGS: JSON.stringify({ name, ...args }),
  });
  const identity = async () => (await sql("SELECT oid FROM pg_roles WHERE rolname = $1", [name]))[0];
  await stack.up(env({ by: "the other package" }));
  return { stack, name, env, identity, made: await identity() };
}

it("replaced in one `up`, the role is dropped: the old resource goes last. The preview warns of it", async () => {
  const { stack, env, identity } = await started();
  const ours = env({ by: "this package" });

  expect(await stack.preview(ours)).toMatch(
    /is taken over: .*such as a `postgresql.Role`, that is deleted in this very `up`/,
  );
  await stack.up(ours);

  expect(await identity()).toBeUndefined();
});

it("with `retainOnDelete` first, the way of the guide, the role stays and gets our password", async () => {
  const { stack, name, env, identity, made } = await started();

  await stack.up(env({ by: "the other package", retainOnDelete: true }));
  await stack.up(env({ by: "this package" }));

  expect(await identity()).toEqual(made);
  expect(await login(name, "Canary-ours")).toBe(name);
  expect(await stack.preview(env({ by: "this package" }))).toMatch(/2 unchanged/);
});

it("with `pulumi state delete` first, too", async () => {
  const { stack, name, env, identity, made } = await started();
  const { urn } = await stack.resource(name);

  await stack.succeed(["state", "delete", "--yes", urn]);
  await stack.up(env({ by: "this package" }));

  expect(await identity()).toEqual(made);
  expect(await login(name, "Canary-ours")).toBe(name);
});
