import { expect, it } from "vitest";
import { TestProject } from "./project.js";

const REPLACED_BY_NAME = `
  check: (olds, news) => ({ inputs: { ...news, generation: (olds.generation ?? 0) + 1 } }),
  diff: (id, olds, news) => ({ replaces: olds.place === news.place ? [] : ["place"] }),
  create: (inputs) => ({ id: "at-" + inputs.place, outs: inputs }),`;

it("checks a replacement twice, the second time without the past, and deletes the old one last", async () => {
  const project = await TestProject.create({
    provider: REPLACED_BY_NAME,
    program: `new Thing("app", { place: "a" });`,
  });
  await project.up();
  project.calls();
  project.program(`new Thing("app", { place: "b" });`);
  const output = await project.up();
  expect(output).toMatch(/\+- \S+Thing app replaced .*\[diff: ~generation,place\]/);
  expect(output).toContain("+-1 replaced");
  const calls = project.calls().filter(({ method }) => method !== "configure");
  expect(calls.map(({ method }) => method)).toEqual(["check", "diff", "check", "create", "delete"]);
  expect(calls[0]?.args[0]).toMatchObject({ generation: 1 });
  expect(calls[2]?.args[0]).toEqual({});
  expect(calls[4]?.args[0]).toBe("at-a");
  expect(project.resource("app")).toMatchObject({ id: "at-b", inputs: { generation: 1 } });
});

it.each([
  ["the provider's answer", `diff: () => ({ replaces: ["place"], deleteBeforeReplace: true }),`, "{}"],
  ["the resource's option", "", "{ deleteBeforeReplace: true }"],
])("deletes first when %s says so", async (_who, diff, options) => {
  const project = await TestProject.create({
    provider: REPLACED_BY_NAME + diff,
    program: `new Thing("app", { place: "a" }, ${options});`,
  });
  await project.up();
  project.calls();
  project.program(`new Thing("app", { place: "b" }, ${options});`);
  await project.up();
  expect(project.methods().slice(-2)).toEqual(["delete", "create"]);
});

it("replaces by replaceOnChanges if `changes` is left out, not if diff says changes: true", async () => {
  const options = `{ replaceOnChanges: ["verifier"] }`;
  const check = "check: (olds, news) => ({ inputs: { ...news, verifier: secret(news.verifier) } }),";
  const project = await TestProject.create({
    provider: check,
    program: `new Thing("app", { verifier: "1" }, ${options});`,
  });
  await project.up();
  project.program(`new Thing("app", { verifier: "2" }, ${options});`);
  expect(await project.succeed("preview")).toContain("replace [diff: ~verifier]");
  project.provider(`${check} diff: () => ({ changes: true }),`);
  expect(await project.succeed("preview")).toContain("Thing app update");
});

it("finishes in the next run what was left of a replacement", async () => {
  const failing = (method: string) => `${REPLACED_BY_NAME} ${method}: () => { throw new Error("not now"); },`;
  const project = await TestProject.create({
    provider: REPLACED_BY_NAME,
    program: `new Thing("first", { place: "a" }); new Thing("swap", { place: "a" }, { deleteBeforeReplace: true });`,
  });
  await project.up();
  project.program(`new Thing("first", { place: "b" });`);
  project.provider(failing("delete"));
  await project.fail("up", "--skip-preview");
  expect(project.latest().resources?.filter(({ urn }) => urn.endsWith("::first"))).toMatchObject([
    { id: "at-b" },
    { id: "at-a", delete: true },
  ]);

  project.program(
    `new Thing("first", { place: "b" }); new Thing("swap", { place: "b" }, { deleteBeforeReplace: true });`,
  );
  project.provider(failing("create"));
  await project.fail("up", "--skip-preview");
  expect(project.resource("swap")).toMatchObject({ id: "at-a", pendingReplacement: true });

  project.provider(REPLACED_BY_NAME);
  project.calls();
  await project.up();
  const changes = project.calls().filter(({ method }) => ["create", "delete"].includes(method));
  expect(changes.map(({ method, args }) => [method, (args.at(-1) as { name: string }).name])).toEqual([
    ["create", "swap"],
    ["delete", "first"],
  ]);
  expect(project.latest().resources?.some((resource) => resource.delete)).toBe(false);
});
