import { beforeAll, describe, expect, it } from "vitest";
import { callsOf, findIn, type Latest, type ProviderCall, resourceIn, TestProject } from "./project.js";

const found = (comment: string) => `{ ...props, comment: "${comment}" }`;
const READ_WITH_INPUTS = `read: (id, props) => ({ id, props: ${found("drifted")}, inputs: ${found("drifted")} }),`;

describe("one stack, refreshed after everything in it has changed", () => {
  let output: string;
  let details: string;
  let calls: ProviderCall[];
  let latest: Latest;
  let next: string;
  let nextDetails: string;
  let nextCalls: ProviderCall[];

  beforeAll(async () => {
    const names = ["app", "props", "seen", "gone", "nameless", "wiped"];
    const project = await TestProject.create({
      program: names.map((name) => `new Thing("${name}", { comment: "c1" });`).join("\n"),
    });
    await project.up();
    const provider = {
      app: READ_WITH_INPUTS,
      seen: `read: (id, props) => ({ id, props: { ...props, seen: true } }), diff: () => ({ changes: false }),`,
      gone: "read: () => ({}),",
      nameless: `read: () => ({ id: "" }),`,
      wiped: "read: (id) => ({ id }),",
    };
    project.provider(provider);
    project.calls();
    output = await project.succeed("refresh", "--yes");
    calls = project.calls();
    project.provider({
      ...provider,
      props: `read: (id, props) => ({ id, props: ${found("drifted")} }),
        diff: (id, olds, news) => ({ changes: olds.comment !== news.comment }),`,
    });
    details = await project.succeed("refresh", "--skip-preview", "--diff");
    latest = project.latest();
    next = await project.succeed("preview");
    project.calls();
    nextDetails = await project.succeed("preview", "--diff");
    nextCalls = project.calls();
  });

  it("records what read finds; with `inputs` the next preview and check see the drift", () => {
    expect(output).toContain("Previewing refresh (dev):");
    expect(output).toContain("Refreshing (dev):");
    expect(output).toContain("Thing app updated");
    const own = callsOf("app", calls);
    expect(own.map(({ method }) => method)).toEqual(["read", "diff", "read", "diff"]);
    // diff(id, the outputs just read, the recorded inputs)
    expect(own[3]?.args).toMatchObject(["id-app", { comment: "drifted" }, { comment: "c1" }]);
    expect(resourceIn(latest, "app")).toMatchObject({
      inputs: { comment: "drifted" },
      outputs: { comment: "drifted" },
    });
    expect(nextDetails).toMatch(/::app\]\n.*\n +~ comment: "drifted" => "c1"/);
    const check = callsOf("app", nextCalls).find(({ method }) => method === "check");
    expect(check?.args[0]).toMatchObject({ comment: "drifted" });
  });

  it("leaves the inputs alone when read returns props only", () => {
    expect(details).toContain('~ comment: "c1" => "drifted"');
    expect(resourceIn(latest, "props")).toMatchObject({
      inputs: { comment: "c1" },
      outputs: { comment: "drifted" },
    });
    expect(next).toMatch(/Thing props update$/m);
  });

  it("shows a reading as unchanged if diff says changes: false, and records it all the same", () => {
    expect(output).not.toContain("Thing seen ");
    // It, the stack, and the two that do not differ in what diff compares.
    expect(output).toContain("4 unchanged");
    expect(resourceIn(latest, "seen").outputs.seen).toBe(true);
  });

  it.each([
    ["{}", "gone"],
    [`{ id: "" }`, "nameless"],
  ])("takes %s from read as gone", (_answer, name) => {
    expect(output).toContain(`Thing ${name} deleted`);
    expect(output).toContain("- 2 deleted");
    expect(findIn(latest, name)).toBeUndefined();
    expect(next).toContain(`Thing ${name} create`);
  });

  it("wipes the outputs down to __provider when read returns no props", () => {
    expect(Object.keys(resourceIn(latest, "wiped").outputs)).toEqual(["__provider"]);
  });
});

it("fails, with the provider's stack trace, when read throws", async () => {
  const project = await TestProject.create({
    provider: `read: () => { throw new Error("cannot reach it"); },`,
    program: `new Thing("app", { comment: "c1" });`,
  });
  await project.up();
  const output = await project.fail("refresh", "--skip-preview");
  expect(output).toMatch(/test:Thing \(app\):\s+error: cannot reach it/);
  expect(output).toMatch(/Stack \(test-dev\):\s+Error: cannot reach it.*\s+at read/);
  expect(project.resource("app").inputs.comment).toBe("c1");
});
