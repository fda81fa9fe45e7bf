import { beforeAll, describe, expect, it } from "vitest";
import { isEncrypted, type Latest, type ProviderCall, resourceIn, TestProject } from "./project.js";

describe("one stack with a default and an explicit provider instance", () => {
  const program = (url: string) => `
    const cluster = new Cluster("east", { "scram:url": pulumi.secret("${url}") });
    new Thing("there", {}, { provider: cluster }); new Thing("here");`;
  const runs: Record<"created" | "refreshed" | "updated" | "destroyed", ProviderCall[]> = {
    created: [],
    refreshed: [],
    updated: [],
    destroyed: [],
  };
  let created: Latest;
  let updated: string;
  let destroyed: Latest;
  /** What the default instance is given in a run; the explicit one has a scram:url. */
  const configsIn = (run: keyof typeof runs, explicit: boolean) =>
    runs[run]
      .filter(({ method }) => method === "configure")
      .map(({ args }) => args[0] as object)
      .filter((config) => "scram:url" in config === explicit);

  beforeAll(async () => {
    const project = await TestProject.create({ program: program("one") });
    await project.succeed("config", "set", "other:url", "old-url", "--secret");
    await project.succeed("config", "set", "size", "5");
    await project.up();
    runs.created = project.calls();
    created = project.latest();
    await project.succeed("config", "set", "other:url", "new-url", "--secret");
    await project.succeed("config", "rm", "size");
    await project.succeed("refresh", "--skip-preview");
    runs.refreshed = project.calls();
    project.program(program("two"));
    updated = await project.up();
    runs.updated = project.calls();
    project.program("throw new Error('destroy does not run the program');");
    await project.succeed("destroy", "--skip-preview");
    runs.destroyed = project.calls();
    destroyed = project.latest();
  });

  it("configures refresh and destroy as recorded, up with what is set now", () => {
    expect(configsIn("created", false)).toEqual([{ "other:url": "old-url", "test:size": "5" }]);
    expect(isEncrypted(resourceIn(created, "default").inputs["other:url"])).toBe(true);
    expect(configsIn("refreshed", false)).toEqual([{ "other:url": "old-url", "test:size": "5" }]);
    expect(configsIn("updated", false)).toEqual([{ "other:url": "new-url" }]);
    expect(configsIn("destroyed", false)).toEqual([{ "other:url": "new-url" }]);
  });

  it("gives an explicit provider instance its own process and only its own arguments", () => {
    expect(configsIn("created", true)).toEqual([{ "scram:url": "one" }]);
    expect(new Set(runs.created.map(({ pid }) => pid)).size).toBe(2);
    expect(updated).toContain("pulumi:providers:pulumi-nodejs east updated");
    expect(updated).toContain("~ 1 updated");
    expect(configsIn("updated", true)).toEqual([{ "scram:url": "two" }]);
    expect(destroyed.resources).toBeUndefined();
  });
});

describe("one stack in its first preview", () => {
  let output: string;
  let calls: ProviderCall[];
  beforeAll(async () => {
    const project = await TestProject.create({
      program: `const password = new random.RandomPassword("pw", { length: 8 });
        const cluster = new Cluster("east", { "scram:url": password.result });
        new Thing("app", { password: pulumi.secret("raw") }, { provider: cluster });
        console.log("token is " + config.require("token"));`,
    });
    await project.succeed("config", "set", "token", "s3cret-token", "--secret");
    output = await project.succeed("preview", "--diff");
    calls = project.calls();
  });

  it("asks a provider nothing while its configuration is unknown", () => {
    expect(output).toMatch(/password: \[secret\]/);
    expect(calls).toEqual([]);
  });

  it("masks secret configuration values in messages", () => {
    expect(output).toMatch(/Stack \(test-dev\):\s+token is \[secret\]/);
  });
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
