import { expect, it } from "vitest";
import { TestProject } from "./project.js";

const PROGRAM = `new Thing("app", { comment: "c1" });`;

it("records what read finds; with `inputs` the next preview and check see the drift", async () => {
  const project = await TestProject.create({ program: PROGRAM });
  await project.up();
  project.provider(`read: (id, props) => {
    const found = { ...props, comment: "drifted" };
    return { id, props: found, inputs: found };
  },`);
  project.calls();
  const output = await project.succeed("refresh", "--yes");
  expect(output).toContain("Previewing refresh (dev):");
  expect(output).toContain("Refreshing (dev):");
  expect(output).toContain("Thing app updated");
  const calls = project.calls().filter(({ method }) => method !== "configure");
  expect(calls.map(({ method }) => method)).toEqual(["read", "diff", "read", "diff"]);
  // diff(id, the outputs just read, the recorded inputs)
  expect(calls[3]?.args).toMatchObject(["id-app", { comment: "drifted" }, { comment: "c1" }]);
  expect(project.resource("app")).toMatchObject({
    inputs: { comment: "drifted" },
    outputs: { comment: "drifted" },
  });
  expect(await project.succeed("preview", "--diff")).toContain('~ comment: "drifted" => "c1"');
  expect(project.calls().find(({ method }) => method === "check")?.args[0]).toMatchObject({
    comment: "drifted",
  });
});

it("leaves the inputs alone when read returns props only", async () => {
  const project = await TestProject.create({ program: PROGRAM });
  await project.up();
  project.provider(`read: (id, props) => ({ id, props: { ...props, comment: "drifted" } }),
    diff: (id, olds, news) => ({ changes: olds.comment !== news.comment }),`);
  expect(await project.succeed("refresh", "--skip-preview", "--diff")).toContain(
    '~ comment: "c1" => "drifted"',
  );
  expect(project.resource("app")).toMatchObject({
    inputs: { comment: "c1" },
    outputs: { comment: "drifted" },
  });
  expect(await project.succeed("preview")).toMatch(/Thing app update$/m);
});

it("shows a reading as unchanged if diff says changes: false, and records it all the same", async () => {
  const project = await TestProject.create({
    provider: `read: (id, props) => ({ id, props: { ...props, seen: true } }), diff: () => ({ changes: false }),`,
    program: PROGRAM,
  });
  await project.up();
  expect(await project.succeed("refresh", "--skip-preview")).toContain("2 unchanged");
  expect(project.resource("app").outputs.seen).toBe(true);
});

it.each(["{}", `{ id: "" }`])("takes %s from read as gone", async (answer) => {
  const project = await TestProject.create({ provider: `read: () => (${answer}),`, program: PROGRAM });
  await project.up();
  expect(await project.succeed("refresh", "--skip-preview")).toContain("- 1 deleted");
  expect(project.find("app")).toBeUndefined();
  expect(await project.succeed("preview")).toContain("Thing app create");
});

it("wipes the outputs down to __provider when read returns no props", async () => {
  const project = await TestProject.create({ provider: "read: (id) => ({ id }),", program: PROGRAM });
  await project.up();
  await project.succeed("refresh", "--skip-preview");
  expect(Object.keys(project.resource("app").outputs)).toEqual(["__provider"]);
});

it("fails, with the provider's stack trace, when read throws", async () => {
  const project = await TestProject.create({
    provider: `read: () => { throw new Error("cannot reach it"); },`,
    program: PROGRAM,
  });
  await project.up();
  const output = await project.fail("refresh", "--skip-preview");
  expect(output).toMatch(/test:Thing \(app\):\s+error: cannot reach it/);
  expect(output).toMatch(/Stack \(test-dev\):\s+Error: cannot reach it.*\s+at read/);
  expect(project.resource("app").inputs.comment).toBe("c1");
});
