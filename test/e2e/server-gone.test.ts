import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { startPostgres } from "../../tools/postgres/server.mts";
import { Stack } from "../support/stack";

/** A server of the same program, for which another resource stands, and a user on it. */
const PROGRAM = `
  const { RandomBytes } = require("@pulumi/random");
  const { ScramUser } = require("pulumi-scram");
  const server = new RandomBytes("server", { length: 8 });
  new ScramUser("app", { username: process.env.USERNAME, password: "Canary-pw" }, process.env.WITH === "" ? {} : { deletedWith: server });
`;
const APPLY = ["--yes", "--skip-preview"];

async function goneAfterUp(WITH: string) {
  const stack = await Stack.create(PROGRAM);
  const server = await startPostgres();
  const env = { SCRAM_DATABASE_URL: server.url, USERNAME: `e2e_${randomUUID().slice(0, 8)}`, WITH };
  await stack.up(env).finally(() => server.stop());
  return { stack, env };
}

it("a server that is gone for good: refresh and destroy say so; `pulumi state delete` helps", async () => {
  const { stack, env } = await goneAfterUp("");

  for (const command of ["refresh", "destroy"])
    expect(await stack.fail([command, ...APPLY], env)).toContain("nothing listens there");
  const { urn } = await stack.resource("app");
  await stack.succeed(["state", "delete", "--yes", urn]);

  await stack.succeed(["destroy", ...APPLY], env);
});

it("with `deletedWith`, a destroy of both does not ask it", async () => {
  const { stack, env } = await goneAfterUp("server");

  await stack.succeed(["destroy", ...APPLY], env);

  expect((await stack.resources()).map(({ urn }) => urn).join()).not.toContain("::app");
});
