import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { createAdmin, serverUrl, storedHash } from "../support/server";
import { Stack } from "../support/stack";

/** What the engine writes of its events without `--debug`, as the README says it: verifiers, and never a password. */
const PROGRAM = `
  const { Provider, ScramUser } = require("pulumi-scram");
  const provider = new Provider("server", { connection: process.env.CONNECTION });
  exports.user = new ScramUser("app", { username: process.env.USERNAME, password: "Canary-of-the-user" }, { provider });
`;

it.each<[string, string[], (stack: Stack, output: string) => string]>([
  ["--event-log", ["--event-log", "events.json"], (stack) => stack.read("events.json")],
  ["-v=9 --logtostderr", ["-v=9", "--logtostderr"], (_stack, output) => output],
])("%s", async (_case, flags, written) => {
  const admin = await createAdmin("CREATEROLE");
  const stack = await Stack.create(PROGRAM);
  const env = {
    CONNECTION: serverUrl(admin.user),
    PGPASSWORD: "Adm1n-pw",
    // The flag --event-log is a developer's.
    PULUMI_DEBUG_COMMANDS: "true",
    USERNAME: `e2e_${randomUUID().slice(0, 8)}`,
  };

  const events = written(stack, await stack.succeed(["up", "--yes", "--skip-preview", ...flags], env));

  expect(events).toContain(env.USERNAME);
  expect(events).not.toContain("Canary");
  expect(events).not.toContain("Adm1n-pw");
  // If this is so no more, the README may say so.
  expect(events).toContain(await storedHash(env.USERNAME));
});
