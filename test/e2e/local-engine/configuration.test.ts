import { expect, it } from "vitest";
import { isEncrypted, type ProviderCall, TestProject } from "./project.js";

const configsIn = (calls: ProviderCall[]) =>
  calls.filter(({ method }) => method === "configure").map(({ args }) => args[0]);

it("configures refresh and destroy as recorded, up with what is set now", async () => {
  const project = await TestProject.create({ program: `new Thing("app");` });
  await project.succeed("config", "set", "other:url", "old-url", "--secret");
  await project.succeed("config", "set", "size", "5");
  await project.up();
  expect(configsIn(project.calls())).toEqual([{ "other:url": "old-url", "test:size": "5" }]);
  expect(isEncrypted(project.resource("default").inputs["other:url"])).toBe(true);

  await project.succeed("config", "set", "other:url", "new-url", "--secret");
  await project.succeed("config", "rm", "size");
  await project.succeed("refresh", "--skip-preview");
  expect(configsIn(project.calls())).toEqual([{ "other:url": "old-url", "test:size": "5" }]);
  await project.up();
  expect(configsIn(project.calls())).toEqual([{ "other:url": "new-url" }]);
  project.program("throw new Error('destroy does not run the program');");
  await project.succeed("destroy", "--skip-preview");
  expect(configsIn(project.calls())).toEqual([{ "other:url": "new-url" }]);
});

it("gives an explicit provider instance its own process and only its own arguments", async () => {
  const program = (url: string) => `
    const cluster = new Cluster("east", { "scram:url": pulumi.secret("${url}") });
    new Thing("there", {}, { provider: cluster }); new Thing("here");`;
  const project = await TestProject.create({ program: program("one") });
  await project.succeed("config", "set", "a", "b");
  await project.up();
  const calls = project.calls();
  expect(configsIn(calls)).toEqual(expect.arrayContaining([{ "scram:url": "one" }, { "test:a": "b" }]));
  expect(new Set(calls.map(({ pid }) => pid)).size).toBe(2);

  project.program(program("two"));
  const output = await project.up();
  expect(output).toContain("pulumi:providers:pulumi-nodejs east updated");
  expect(output).toContain("~ 1 updated");
  expect(configsIn(project.calls())).toEqual(expect.arrayContaining([{ "scram:url": "two" }]));
  await project.succeed("destroy", "--skip-preview");
  expect(project.latest().resources).toBeUndefined();
});

it("asks a provider nothing while its configuration is unknown", async () => {
  const project = await TestProject.create({
    program: `const password = new random.RandomPassword("pw", { length: 8 });
      const cluster = new Cluster("east", { "scram:url": password.result });
      new Thing("app", { password: pulumi.secret("raw") }, { provider: cluster });`,
  });
  expect(await project.succeed("preview", "--diff")).toMatch(/password: \[secret\]/);
  expect(project.methods()).toEqual([]);
});

it("masks secret configuration values in messages", async () => {
  const project = await TestProject.create({
    program: `new Thing("app"); console.log("token is " + config.require("token"));`,
  });
  await project.succeed("config", "set", "token", "s3cret-token", "--secret");
  const output = await project.succeed("preview");
  expect(output).toMatch(/Stack \(test-dev\):\s+token is \[secret\]/);
});

it.each([
  ["no backend", { PULUMI_BACKEND_URL: "" }, "PULUMI_BACKEND_URL must be set to file://"],
  ["an unknown stack", {}, "no stack named 'prod' found"],
])("says in one sentence what is missing: %s", async (_what, environment, message) => {
  const project = await TestProject.create({ program: "" });
  project.environment = environment;
  const output = await project.fail("up", "--yes", "--stack", "prod");
  expect(output).toContain(`error: ${message}`);
});

it("refuses unknown commands and flags", async () => {
  const project = await TestProject.create({ program: "" });
  expect(await project.fail("import")).toContain('error: unknown command "import"');
  expect(await project.fail("up", "--target", "x")).toContain("error: unknown flag: --target");
  expect(await project.fail("preview", "--yes")).toContain("error: unknown flag for preview: --yes");
});
