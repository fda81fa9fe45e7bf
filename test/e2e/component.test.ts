import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { login, serverUrl } from "../support/server";
import { Stack } from "../support/stack";

it("a component may hold users that depend on one another", async () => {
  const [group, member] = [`group_${randomUUID().slice(0, 8)}`, `member_${randomUUID().slice(0, 8)}`];
  const stack = await Stack.create(`
    const pulumi = require("@pulumi/pulumi");
    const { ScramUser, ScramUserSet } = require("pulumi-scram");
    class Team extends pulumi.ComponentResource {
      constructor(name, opts) {
        super("example:index:Team", name, {}, opts);
        const group = new ScramUser("${group}", { password: "Canary-pw", login: false }, { parent: this });
        const users = { ${member}: { password: "Canary-pw", memberOf: [group.username] } };
        new ScramUserSet("members", { users }, { parent: this });
      }
    }
    new Team("team");
  `);
  const env = { SCRAM_DATABASE_URL: serverUrl() };

  expect(await stack.preview(env)).toMatch(/4 to create/);
  await stack.up(env);
  expect(await login(member, "Canary-pw")).toBe(member);
  await stack.succeed(["preview", "--expect-no-changes"], env);
  await stack.succeed(["destroy", "--yes"], env);
});
