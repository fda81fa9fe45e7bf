import { beforeAll, describe, expect, it } from "vitest";
import { findIn, type Latest, processesIn, type Result, resourceIn, TestProject, until } from "./project.js";

const PARTIAL = (properties: string) => `create: (inputs) => {
  throw Object.assign(new Error("not shown"), { id: "half", properties: ${properties}, reasons: ["no grant"] });
},`;

describe("one stack in which much fails", () => {
  const PROVIDER = {
    half: PARTIAL("{ ...inputs, token: secret('t') }"),
    unmarked: PARTIAL("{ comment: 'c' }"),
    bad: `create: () => { throw new Error("refused by the database"); },`,
    good: `create: async (inputs) => { await sleep(200); return { id: inputs.name, outs: inputs }; },`,
    late: `update: (id, olds, news) => {
      throw Object.assign(new Error(""), { id, properties: news, reasons: ["half done"] });
    },`,
  };
  let first: Result;
  let created: Latest;
  let second: string;
  let updated: Latest;
  let destroyed: string;

  beforeAll(async () => {
    const project = await TestProject.create({
      provider: PROVIDER,
      program: `const bad = new Thing("bad"); new Thing("good"); new Thing("dependent", {}, { dependsOn: bad });
        for (const name of ["half", "unmarked", "late"]) new Thing(name, { comment: "c" });`,
    });
    first = await project.run("up", "--skip-preview");
    created = project.latest();
    project.provider({ ...PROVIDER, half: "" });
    project.program(`new Thing("half", { comment: "c" }); new Thing("late", { comment: "two" });`);
    second = await project.fail("up", "--skip-preview");
    updated = project.latest();
    destroyed = await project.fail("destroy", "--skip-preview");
  });

  it("records a partial failure with its reasons, and plans an update without any change", () => {
    expect(first.output).toMatch(/error: 1 error occurred:\s+\* no grant/);
    expect(first.output).not.toContain("not shown");
    expect(resourceIn(created, "half")).toMatchObject({
      id: "half",
      initErrors: ["no grant"],
      outputs: { comment: "c" },
    });
    expect(second).toContain("Thing half updated");
    expect(second).toContain("~ 1 updated");
    expect(resourceIn(updated, "half").initErrors).toBeUndefined();
  });

  it("keeps the old inputs when an update fails in part", () => {
    expect(resourceIn(updated, "late")).toMatchObject({
      inputs: { comment: "c" },
      outputs: { comment: "two" },
    });
  });

  it("cannot destroy after a partial failure without __provider in its properties (the SDK's bug)", () => {
    expect(destroyed).toContain("code must be a string, not undefined");
  });

  it("lets resources that do not depend on the failed one go on, then fails with code 255", () => {
    expect(first.code).toBe(255);
    expect(first.output).toMatch(/test:Thing \(bad\):\s+error: refused by the database\n/);
    expect(first.output).toContain("error: update failed");
    expect(resourceIn(created, "good").id).toBe("good");
    expect(findIn(created, "bad")).toBeUndefined();
    expect(findIn(created, "dependent")).toBeUndefined();
    expect(created.pending_operations).toBeUndefined();
  });
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
