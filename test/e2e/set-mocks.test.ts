import { expect, it, onTestFinished } from "vitest";
import { createProject } from "../../tools/engine/project.mts";

/** What a team writes to test its own program, without an engine and without a server. */
const TEAM = {
  "program.js": `
    const pulumi = require("@pulumi/pulumi");
    const { AuthSettings, HbaConfig, Provider, ScramUser, ScramUserSet } = require("pulumi-scram");
    const provider = new Provider("server", { connection: "postgresql://admin@db.example.com/postgres" });
    const password = pulumi.secret("Canary-mocked");
    exports.app = new ScramUser("app", { password, login: true, memberOf: ["readers"] }, { provider });
    exports.batch = new ScramUserSet("batch", { users: { nightly: { password } } }, { provider });
    exports.rules = new HbaConfig("rules", { rules: ["hostssl all all 10.0.0.0/8 scram-sha-256"] }, { provider });
    exports.settings = new AuthSettings("settings", { passwordEncryption: "scram-sha-256" }, { provider });
  `,
  "test.js": `
    const pulumi = require("@pulumi/pulumi");
    const registered = {};
    pulumi.runtime.setMocks({
      newResource: ({ name, type, inputs }) => {
        registered[name] = type;
        return { id: name, state: { username: name, ...inputs } };
      },
      call: ({ inputs }) => inputs,
    });
    const { app, batch, rules, settings } = require("./program.js");
    pulumi
      .all([app.username, app.login, pulumi.isSecret(app.verifier), batch.urn, rules.urn, settings.urn])
      .apply(([username, login]) => console.log(JSON.stringify({ username, login, registered })));
  `,
};

it("a program runs under pulumi.runtime.setMocks, whose mocks see each resource and whose outputs are the mocks'", async () => {
  const project = createProject({ command: process.execPath, firstArguments: ["test.js"], path: [] }, TEAM);
  onTestFinished(() => project.remove());

  const { code, output, stdout } = await project.run([]);

  expect(code, output).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    username: "app",
    login: true,
    registered: {
      server: "pulumi:providers:pulumi-nodejs",
      app: "pulumi-nodejs:dynamic/scram:User",
      batch: "pulumi-nodejs:dynamic/scram:UserSet",
      rules: "pulumi-nodejs:dynamic/scram:HbaConfig",
      settings: "pulumi-nodejs:dynamic/scram:AuthSettings",
    },
  });
});
