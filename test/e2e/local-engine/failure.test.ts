import { expect, it } from "vitest";
import { processesIn, TestProject, until } from "./project.js";

const PARTIAL = (properties: string) => `create: (inputs) => {
  throw Object.assign(new Error("not shown"), { id: "half", properties: ${properties}, reasons: ["no grant"] });
},`;

it("records a partial failure with its reasons, and plans an update without any change", async () => {
  const project = await TestProject.create({
    provider: PARTIAL("{ ...inputs, token: secret('t') }"),
    program: `new Thing("app", { comment: "c" });`,
  });
  const output = await project.fail("up", "--skip-preview");
  expect(output).toMatch(/error: 1 error occurred:\s+\* no grant/);
  expect(output).not.toContain("not shown");
  expect(project.resource("app")).toMatchObject({
    id: "half",
    initErrors: ["no grant"],
    outputs: { comment: "c" },
  });
  project.provider("");
  expect(await project.up()).toContain("~ 1 updated");
  expect(project.resource("app").initErrors).toBeUndefined();
});

it("keeps the old inputs when an update fails in part", async () => {
  const project = await TestProject.create({
    provider: `update: (id, olds, news) => {
      throw Object.assign(new Error(""), { id, properties: news, reasons: ["half done"] });
    },`,
    program: `new Thing("app", { comment: "one" });`,
  });
  await project.up();
  project.program(`new Thing("app", { comment: "two" });`);
  await project.fail("up", "--skip-preview");
  expect(project.resource("app")).toMatchObject({ inputs: { comment: "one" }, outputs: { comment: "two" } });
});

it("cannot destroy after a partial failure without __provider in its properties (the SDK's bug)", async () => {
  const project = await TestProject.create({
    provider: PARTIAL("{ comment: 'c' }"),
    program: `new Thing("app", { comment: "c" });`,
  });
  await project.fail("up", "--skip-preview");
  expect(await project.fail("destroy", "--skip-preview")).toContain("code must be a string, not undefined");
});

it("lets resources that do not depend on the failed one go on, then fails with code 255", async () => {
  const project = await TestProject.create({
    provider: `create: async (inputs) => {
      if (inputs.name === "bad") throw new Error("refused by the database");
      await sleep(200);
      return { id: inputs.name, outs: inputs };
    },`,
    program: `const bad = new Thing("bad"); new Thing("good");
      new Thing("dependent", {}, { dependsOn: bad });`,
  });
  const { code, output } = await project.run("up", "--skip-preview");
  expect(code).toBe(255);
  expect(output).toMatch(/test:Thing \(bad\):\s+error: refused by the database\n/);
  expect(output).toContain("error: update failed");
  expect(project.resource("good").id).toBe("good");
  expect(project.find("bad")).toBeUndefined();
  expect(project.find("dependent")).toBeUndefined();
  expect(project.latest().pending_operations).toBeUndefined();
});

it("reports an exception of the program once", async () => {
  const project = await TestProject.create({ program: `throw new Error("no such thing");` });
  const output = await project.fail("preview");
  expect(output).toContain("failed with an unhandled exception");
  expect(output.match(/no such thing/g)).toHaveLength(1);
  expect(output).toContain("error: preview failed");
});

const SLOW = `create: async (inputs) => { await sleep(1500); return { id: "slow", outs: inputs }; },`;
const creating = (project: TestProject) => () =>
  project.latest().pending_operations?.[0]?.type === "creating";

it("leaves a pending operation after kill -9, warns, and calls create again", async () => {
  const project = await TestProject.create({ provider: SLOW, program: `new Thing("app");` });
  const { child, result } = project.start("up", "--skip-preview");
  await until(creating(project));
  child.kill("SIGKILL");
  await result;
  // As with Pulumi, the provider outlives a kill -9 of the engine.
  process.kill(project.calls()[0]?.pid ?? expect.fail("no provider ran"), "SIGKILL");
  expect(project.find("app")).toBeUndefined();
  const output = await project.up();
  expect(output).toContain("1 pending operations from previous deployment");
  expect(output).toContain("interrupted while creating");
  expect(project.methods()).toContain("create");
  expect(project.resource("app").id).toBe("slow");
  expect(project.latest().pending_operations).toBeUndefined();
});

it("waits on SIGINT for what is running, saves it and fails", async () => {
  const project = await TestProject.create({ provider: SLOW, program: `new Thing("app");` });
  const { child, result } = project.start("up", "--skip-preview");
  await until(creating(project));
  child.kill("SIGINT");
  const { code, output } = await result;
  expect(code).toBe(255);
  expect(output).toContain("update canceled");
  expect(project.resource("app").id).toBe("slow");
  expect(processesIn(project.folder)).toEqual([]);
});

it("leaves no process behind on SIGTERM", async () => {
  const project = await TestProject.create({ provider: SLOW, program: `new Thing("app");` });
  const { child, result } = project.start("up", "--skip-preview");
  await until(creating(project));
  child.kill("SIGTERM");
  expect((await result).code).not.toBe(0);
  await until(() => processesIn(project.folder).length === 0);
});
