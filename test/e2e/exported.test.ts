import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { serverUrl } from "../support/server";
import { Stack } from "../support/stack";

/** Whole resources in the stack's outputs, as a program that is written in a hurry exports them, and one in a component. */
const PROGRAM = `
  const pulumi = require("@pulumi/pulumi");
  const { AuthSettings, Provider, ScramUser, ScramUserSet } = require("pulumi-scram");
  const { prefix, connection } = JSON.parse(process.env.ARGS);
  const named = (name) => prefix + name;
  class Team extends pulumi.ComponentResource {
    constructor(name) {
      super("my:own:Team", name);
      this.member = new ScramUser(named("member"), { password: "Canary-member" }, { parent: this });
      this.registerOutputs();
    }
  }
  exports.provider = new Provider("server", { connection });
  exports.user = new ScramUser(named("user"), {
    password: "Canary-user", connection, saltSeed: Buffer.alloc(16, 7).toString("base64"), passwordHistory: 2, minLength: 3,
  });
  exports.group = new ScramUser(named("group"), { login: false });
  exports.set = new ScramUserSet("set", { connection, defaults: { minLength: 3 }, users: { [named("of_set")]: { password: "Canary-set" } } });
  exports.settings = new AuthSettings("settings", { product: "postgresql", passwordEncryption: "scram-sha-256", connection });
  exports.team = new Team("team");
  exports.undeclared = [exports.user.validUntil, exports.user.memberOf, exports.group.verifier, exports.group.iterations];
`;

it("an exported resource brings its outputs into those of the stack, and nothing that it was given; unchanged, the preview is quiet", async () => {
  const stack = await Stack.create(PROGRAM);
  const args = { prefix: `x${randomUUID().slice(0, 8)}_`, connection: serverUrl() };
  const env = { SCRAM_DATABASE_URL: serverUrl(), ARGS: JSON.stringify(args) };
  await stack.up(env);

  const outputs = await stack.succeed(["stack", "output", "--show-secrets", "--json"], env);
  const { user, group, set, settings, provider, team } = JSON.parse(outputs);
  const ofAny = ["id", "urn"];
  expect(Object.keys(user).sort()).toEqual(
    [...ofAny, "generation", "iterations", "login", "username", "verifier"].sort(),
  );
  expect(Object.keys(group).sort()).toEqual([...ofAny, "generation", "login", "username"].sort());
  expect(Object.keys(set).sort()).toEqual([...ofAny, "users", "verifiers"].sort());
  expect(Object.values(set.users)).toEqual([{ generation: 1, iterations: 10_610, login: true }]);
  expect(Object.values(set.verifiers)).toEqual([expect.stringMatching(/^SCRAM-SHA-256\$10610:/)]);
  const hidden = JSON.parse(await stack.succeed(["stack", "output", "--json"], env)).set;
  expect(hidden).toMatchObject({ users: set.users, verifiers: "[secret]" });
  expect(settings).toMatchObject({ product: "postgresql", passwordEncryption: "scram-sha-256" });
  expect(Object.keys(settings).sort()).toEqual([...ofAny, "passwordEncryption", "product"].sort());
  expect(Object.keys(provider).sort()).toEqual(["id", "pkg", "urn"]);
  expect(Object.keys(team.member).sort()).toEqual(Object.keys(user).sort());
  expect(outputs).not.toContain("Canary");
  expect(outputs).not.toContain(serverUrl());

  const preview = await stack.succeed(["preview", "--diff"], env);
  // Pulumi marks every exported resource so, be it a RandomPassword; in it, nothing is marked.
  const marked = preview.split("\n").filter((line) => /^\s*[+~-] /.test(line));
  expect(
    marked.filter((line) => !/^\s+~ (user|group|set|settings|provider|team|member) *: \{$/.test(line)),
  ).toEqual([]);
  expect(preview).not.toContain("unknown");
});
