import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { diagnosticsOf } from "../support/diagnostics";
import { serverUrl, sql, storedHash } from "../support/server";
import { Stack } from "../support/stack";

const PROGRAM = `
  const { ScramUser } = require("pulumi-scram");
  new ScramUser("app", JSON.parse(process.env.ARGS));
`;
const CANARY = "Canary-77aa";
const VERIFIER =
  "SCRAM-SHA-256$4096:pAlYy62NTdETKb291V/Wow==$OXMAj9oD53QucEYVMBcdhRnjg2/S/iZY/88ShZnputA=:r8l4c1pk9bmDi+8an059l/nt9Bg1zb1ikkg+DeRv4UQ=";
const name = () => `bad_${randomUUID().slice(0, 8)}`;

/** The lines that tell the user what is wrong. */
function complaints(output: string): string[] {
  expect(output).not.toMatch(/^\s+at .*:\d+/m);
  expect(output).not.toContain(CANARY);
  expect(output).not.toContain("OXMAj9oD53");
  expect(output).not.toContain("Adm1n");
  return diagnosticsOf(output).filter((line) => line.startsWith("error:"));
}

// Every sentence is tested on the provider (test/integration/provider/bad-input.test.ts); here is what the engine makes of them.
describe("a mistake in the program stops the deployment with one sentence", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await Stack.createShared(PROGRAM);
    return () => stack.remove();
  });

  it.each<[string, object, string]>([
    [
      "about the password",
      { password: VERIFIER },
      "User resource 'app' has a problem: password looks like a stored hash",
    ],
    [
      "about half an emoji, which would not get as far as the server",
      { password: `${CANARY}\ud83d` },
      'ScramUser "app": password has half of a surrogate pair in it, which is no character',
    ],
    [
      "about another argument, whose value is not shown: a secret may have got into it",
      { password: "Canary-pw", validUntil: CANARY },
      "User resource 'app' has a problem: validUntil must be an ISO 8601 date and time with a zone",
    ],
  ])("%s", async (_case, args, sentence) => {
    const username = name();
    const env = { SCRAM_DATABASE_URL: serverUrl(), ARGS: JSON.stringify({ username, ...args }) };

    for (const command of [["preview"], ["up", "--yes", "--skip-preview"]]) {
      const output = await stack.fail(command, env);
      expect(complaints(output).filter((line) => line.includes(sentence))).toHaveLength(1);
      expect(output).not.toContain(CANARY);
    }
    expect(await storedHash(username)).toBeUndefined();
    expect(stack.files()).not.toMatch(new RegExp(`scram:User|${CANARY}`));
  });
});

it("half an emoji in a value that is known only later stops it as well", async () => {
  const stack = await Stack.create(`
    const pulumi = require("@pulumi/pulumi");
    const { ScramUser } = require("pulumi-scram");
    new ScramUser("app", { password: pulumi.secret(Promise.resolve("${CANARY}\\ud83d")) });
  `);
  const output = await stack.fail(["preview"], { SCRAM_DATABASE_URL: serverUrl() });
  expect(complaints(output).join("\n")).toContain(
    'ScramUser "app": password has half of a surrogate pair in it, which is no character',
  );
});

describe("a Provider without a connection", () => {
  it("stops the preview, and no other server is taken for it", async () => {
    const username = name();
    const stack = await Stack.create(`
      const { Provider, ScramUser } = require("pulumi-scram");
      const provider = new Provider("srv", { connection: process.env.UNSET ?? "" });
      new ScramUser("app", { username: "${username}", password: "${CANARY}" }, { provider });
    `);
    const env = { SCRAM_DATABASE_URL: serverUrl() };

    for (const command of [["preview"], ["up", "--yes", "--skip-preview"]]) {
      const output = await stack.fail(command, env);
      expect(complaints(output).join("\n")).toContain("the Provider's connection is empty; give it");
    }
    expect(await storedHash(username)).toBeUndefined();
  });
});

describe("a refusal by the server fails the deployment with one sentence, and the state stays true", () => {
  it("user exists already; after the role is gone the next up succeeds", async () => {
    const stack = await Stack.create(PROGRAM);
    const username = name();
    await sql(`CREATE ROLE ${username}`);
    const env = { SCRAM_DATABASE_URL: serverUrl(), ARGS: JSON.stringify({ username, password: CANARY }) };

    const output = await stack.fail(["up", "--yes", "--skip-preview"], env);

    expect(
      complaints(output).filter((line) =>
        line.includes(`could not create role "${username}": it exists already`),
      ),
    ).toHaveLength(1);
    expect(await storedHash(username)).toBeNull();
    expect((await stack.resources()).map(({ urn }) => urn).join()).not.toContain("::app");

    await sql(`DROP ROLE ${username}`);
    await stack.up(env);
  });

  it("the server dies before an update: the old password stays recorded and stays valid", async () => {
    const stack = await Stack.create(PROGRAM);
    const username = name();
    const env = (password: string, url = serverUrl()) => ({
      SCRAM_DATABASE_URL: url,
      ARGS: JSON.stringify({ username, password }),
    });
    await stack.up(env("Canary-first"));
    const before = await stack.resource("app");

    await stack.fail(
      ["up", "--yes", "--skip-preview"],
      env(CANARY, "postgresql://admin:Adm1n@127.0.0.1:1/db"),
    );

    expect(await stack.resource("app")).toEqual(before);
    expect(await stack.preview(env("Canary-first"))).not.toMatch(/to (update|create)/);
  });

  it("owner of objects at destroy: named, kept, and dropped once they are gone", async () => {
    const stack = await Stack.create(PROGRAM);
    const username = name();
    const env = { SCRAM_DATABASE_URL: serverUrl(), ARGS: JSON.stringify({ username, password: CANARY }) };
    await stack.up(env);
    await sql(`CREATE TABLE "owned_by_${username}" ()`);
    await sql(`ALTER TABLE "owned_by_${username}" OWNER TO ${username}`);

    const output = await stack.fail(["destroy", "--yes", "--skip-preview"], env);
    expect(complaints(output).join("\n")).toContain(
      `other things depend on it (owner of table public.owned_by_${username})`,
    );
    expect(await storedHash(username)).not.toBeUndefined();
    expect((await stack.resource("app")).id).toBe(username);

    await sql(`DROP TABLE "owned_by_${username}"`);
    await stack.succeed(["destroy", "--yes", "--skip-preview"], env);
    expect(await storedHash(username)).toBeUndefined();
  });
});
