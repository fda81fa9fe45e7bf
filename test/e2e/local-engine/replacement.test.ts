import { beforeAll, describe, expect, it } from "vitest";
import { callsOf, type Latest, type ProviderCall, resourceIn, TestProject } from "./project.js";

const REPLACED_BY_NAME = `
  check: (olds, news) => ({ inputs: { ...news, generation: (olds.generation ?? 0) + 1 } }),
  diff: (id, olds, news) => ({ replaces: olds.place === news.place ? [] : ["place"] }),
  create: (inputs) => ({ id: "at-" + inputs.place, outs: inputs }),`;

describe("one stack in which everything moves", () => {
  const verified = "check: (olds, news) => ({ inputs: { ...news, verifier: secret(news.verifier) } }),";
  const program = (place: string, verifier: string) => `
    new Thing("app", { place: "${place}" });
    new Thing("answered", { place: "${place}" });
    new Thing("optioned", { place: "${place}" }, { deleteBeforeReplace: true });
    new Thing("open", { verifier: "${verifier}" }, { replaceOnChanges: ["verifier"] });
    new Thing("decided", { verifier: "${verifier}" }, { replaceOnChanges: ["verifier"] });`;
  let preview: string;
  let output: string;
  let calls: ProviderCall[];
  let latest: Latest;

  beforeAll(async () => {
    const project = await TestProject.create({
      provider: {
        app: REPLACED_BY_NAME,
        answered: `${REPLACED_BY_NAME} diff: () => ({ replaces: ["place"], deleteBeforeReplace: true }),`,
        optioned: REPLACED_BY_NAME,
        open: verified,
        decided: `${verified} diff: () => ({ changes: true }),`,
      },
      program: program("a", "1"),
    });
    await project.up();
    project.program(program("b", "2"));
    preview = await project.succeed("preview");
    project.calls();
    output = await project.up();
    calls = project.calls();
    latest = project.latest();
  });

  it("checks a replacement twice, the second time without the past, and deletes the old one last", () => {
    expect(output).toMatch(/\+- \S+Thing app replaced .*\[diff: ~generation,place\]/);
    expect(output).toContain("+-4 replaced");
    const own = callsOf("app", calls);
    expect(own.map(({ method }) => method)).toEqual(["check", "diff", "check", "create", "delete"]);
    expect(own[0]?.args[0]).toMatchObject({ generation: 1 });
    expect(own[2]?.args[0]).toEqual({});
    expect(own[4]?.args[0]).toBe("at-a");
    expect(resourceIn(latest, "app")).toMatchObject({ id: "at-b", inputs: { generation: 1 } });
  });

  it.each([
    ["the provider's answer", "answered"],
    ["the resource's option", "optioned"],
  ])("deletes first when %s says so", (_who, name) => {
    expect(
      callsOf(name, calls)
        .slice(-2)
        .map(({ method }) => method),
    ).toEqual(["delete", "create"]);
  });

  it("replaces by replaceOnChanges if `changes` is left out, not if diff says changes: true", () => {
    expect(preview).toContain("Thing open replace [diff: ~verifier]");
    expect(preview).toContain("Thing decided update");
  });
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
