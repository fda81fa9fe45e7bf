import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { type Answer, FAKE_PASSWORD, FakeServer, type Situation } from "../support/fake-server";
import { serverUrl, storedHash } from "../support/server";
import { Stack } from "../support/stack";
import { WRONG_ANSWERS, WRONG_ROWS, type WrongAnswers } from "../support/wrong-answers";

// Everything that a server may answer is tried in test/integration/hostile-server; here are the processes around it.
const ANSWERS: WrongAnswers = { ...WRONG_ANSWERS, ...WRONG_ROWS };

/** From the first moment of this kind on. */
const wrong = (at: Situation["at"], name: string) => (now: Situation) =>
  now.at === at ? ANSWERS[name]?.(now.right) : undefined;

async function command(args: readonly string[]) {
  const child = spawn(process.execPath, [resolve("dist/cli/main.js"), ...args], { timeout: 30_000 });
  let err = "";
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  const [status] = await once(child, "close");
  return { status, err };
}

describe.each([
  ["users", ["users", "--url"]],
  ["userlist", ["userlist", "--url"]],
  ["hba lint", ["hba", "lint", "--url"]],
  ["probe", ["probe"]],
])("pulumi-scram %s ends with a sentence and status 2", (name, args) => {
  it.each<[Situation["at"], string]>([
    ["SSLRequest", "the banner of a mail server"],
    ["StartupMessage", "hangs"],
    ["StartupMessage", "a request for authentication of code 99"],
    ...(name === "probe"
      ? []
      : ([["Query", '"G" with sixteen zeros in it']] satisfies [Situation["at"], string][])),
  ])("when a server answers %s with: %s", async (at, answer) => {
    const server = await FakeServer.start({ backend: serverUrl(), answer: wrong(at, answer) });
    const { status, err } = await command([...args, server.url("connect_timeout=1")]);
    expect(err).toMatch(/^(warning: .*\n(?: {4}.*\n)*)?pulumi-scram: .*\n$/);
    expect(err).not.toMatch(/\n\s+at |Canary/);
    expect(status).toBe(2);
  });
});

describe("a deployment", () => {
  const PROGRAM = `
    const { ScramUser } = require("pulumi-scram");
    const { connection, username, password } = JSON.parse(process.env.ARGS);
    new ScramUser("app", { connection, username, password });
  `;

  it.each<[string, (now: Situation) => Answer | undefined]>([
    ["at the login", wrong("StartupMessage", "a request for authentication of code 99")],
    ["at a query", wrong("Query", "rows of a field longer than the row")],
  ])("says it in a sentence, and ends, when the server turns hostile %s", async (_when, hostile) => {
    const server = await FakeServer.start({ backend: serverUrl() });
    const username = `app_${randomUUID().slice(0, 8)}`;
    const env = (password: string) => ({
      ARGS: JSON.stringify({ connection: server.url("connect_timeout=2"), username, password }),
    });
    const stack = await Stack.create(PROGRAM);
    await stack.up(env("Canary-first"));
    const before = await storedHash(username);
    expect(before).toMatch(/^SCRAM-SHA-256\$/);

    server.options = { ...server.options, answer: hostile };
    // A preview asks no server.
    await stack.preview(env("Canary-second"));
    for (const args of [
      ["refresh", "--yes"],
      ["up", "--yes", "--skip-preview"],
      ["destroy", "--yes"],
    ]) {
      const output = await stack.fail(args, env("Canary-second"));
      expect(output, args[0]).toMatch(/breaks PostgreSQL's protocol|does not speak PostgreSQL's protocol/);
      expect(output, args[0]).not.toMatch(/^\s+at .*:\d+/m);
      expect(output, args[0]).not.toContain(FAKE_PASSWORD);
    }
    expect(await storedHash(username)).toBe(before);

    server.options = { ...server.options, answer: () => undefined };
    await stack.up(env("Canary-second"));
    await stack.succeed(["destroy", "--yes"], env("Canary-second"));
    expect(await storedHash(username)).toBeUndefined();
  });
});
