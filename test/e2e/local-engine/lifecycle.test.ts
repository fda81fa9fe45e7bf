import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import {
  findIn,
  isEncrypted,
  type Latest,
  type ProviderCall,
  processesIn,
  resourceIn,
  TestProject,
} from "./project.js";

describe("one stack through three programs", () => {
  const random = (length: number) => `
    const password = new random.RandomPassword("pw", { length: ${length}, overrideSpecial: "_", minSpecial: 2,
      minNumeric: 3, upper: false });
    const seed = new random.RandomBytes("seed", { length: 32 });
    exports.password = password.result; exports.hex = seed.hex;
    const group = new pulumi.ComponentResource("test:index:Group", "group");`;
  const ignoring = (password: string) =>
    `new Thing("ignoring", { password: "${password}" }, { ignoreChanges: ["password"] });`;
  const first = `${random(24)} ${ignoring("one")}
    const base = new Thing("base"); new Thing("upper", { below: base.id }); new Thing("stays");
    new Thing("kept", {}, { protect: true });
    new Thing("retained", {}, { retainOnDelete: true });
    new Thing("old", {}, { parent: group });`;
  const second = (length: number) => `${random(length)} ${ignoring("two")}
    new Thing("stays"); new Thing("new"); new Thing("kept");
    new Thing("renamed", { name: "old" }, { parent: group, aliases: [{ name: "old" }] });`;

  let previewed: string;
  let unprotected: string;
  let replaced: string;
  let calls: ProviderCall[];
  let was: Latest;
  let now: Latest;
  const passwords: string[] = [];
  let hex: string;

  beforeAll(async () => {
    const project = await TestProject.create({
      provider: {
        ignoring:
          "check: (olds, { password, ...news }) => ({ inputs: { ...news, had: password !== undefined } }),",
      },
      program: first,
    });
    const output = async (name: string) =>
      (await project.run("stack", "output", name, "--show-secrets")).stdout.trim();
    previewed = await project.succeed("preview");
    await project.up();
    was = project.latest();
    passwords.push(await output("password"));
    hex = await output("hex");
    project.program("");
    unprotected = await project.fail("preview");
    project.calls();
    project.program(second(24));
    await project.up();
    calls = project.calls();
    now = project.latest();
    passwords.push(await output("password"));
    project.program(second(25));
    replaced = await project.up();
    passwords.push(await output("password"));
  });

  it("draws a random password once, keeps it secret, and draws anew when an input changes", () => {
    expect(previewed).toContain("+ password: [secret]");
    expect(isEncrypted(resourceIn(was, "pw").outputs.result)).toBe(true);
    expect(passwords[0]).toMatch(/^(?=(.*\d){3})(?=(.*_){2})[a-z0-9_]{24}$/);
    expect(hex).toMatch(/^[0-9a-f]{64}$/);
    expect(passwords[1]).toBe(passwords[0]);
    expect(resourceIn(now, "seed").modified).toBe(resourceIn(was, "seed").modified);
    // Unchanged: the stack, the group, the seed and five things.
    expect(replaced).toMatch(/ {4}\+-1 replaced\n {4}8 unchanged\n/);
    expect(passwords[2]).toHaveLength(25);
  });

  it("deletes what the program no longer declares, after everything else, dependents first", () => {
    const changes = calls.filter(({ method }) => ["create", "delete"].includes(method));
    expect(changes.map(({ method, args }) => [method, (args.at(-1) as { name: string }).name])).toEqual([
      ["create", "new"],
      ["delete", "upper"],
      ["delete", "base"],
    ]);
  });

  it("deletes an ignored property from what check gets when check transforms it away", () => {
    expect(resourceIn(was, "ignoring").inputs.had).toBe(true);
    expect(resourceIn(now, "ignoring").inputs.had).toBe(false);
  });

  it("protects, retains, renames by alias and holds components", () => {
    expect(resourceIn(was, "old").urn).toContain("::test:index:Group$pulumi-nodejs:dynamic/test:Thing::old");
    expect(unprotected).toContain("cannot be deleted because it is protected");
    expect(resourceIn(now, "renamed").id).toBe("id-old");
    expect(findIn(now, "old")).toBeUndefined();
    expect(findIn(now, "retained")).toBeUndefined();
  });
});

it("refuses resource types it has no provider for", async () => {
  const project = await TestProject.create({ program: `new random.RandomPet("pet");` });
  expect(await project.fail("preview")).toContain("no provider for random:index/randomPet:RandomPet");
});

it("prints everything even to a reader that is late", async () => {
  const project = await TestProject.create({ program: "" });
  const padding = "x".repeat(1_000_000);
  const state = JSON.parse(readFileSync(project.stateFile, "utf8"));
  const urn = "urn:pulumi:dev::test::pulumi:pulumi:Stack::test-dev";
  state.checkpoint.latest.resources = [
    { urn, type: "pulumi:pulumi:Stack", custom: false, outputs: { padding } },
  ];
  writeFileSync(project.stateFile, JSON.stringify(state));

  const { child, result } = project.start("stack", "export");
  child.stdout?.pause();
  await setTimeout(1_500);
  child.stdout?.resume();

  expect(JSON.parse((await result).stdout).deployment.resources[0].outputs).toEqual({ padding });
});

describe("one stack from its first update to its removal", () => {
  let project: TestProject;
  let created: string;
  beforeAll(async () => {
    project = await TestProject.create({
      provider: `check: (olds, news) => { console.error("app: careful"); return { inputs: news }; },`,
      program: `new Thing("app");`,
    });
    created = await project.succeed("up", "--yes");
  });

  it("shows what the provider prints under the stack, in preview and in up", () => {
    expect(created.match(/Stack \(test-dev\):\n {4}app: careful/g)).toHaveLength(2);
  });

  it("goes through a whole life and leaves neither a resource nor a process", async () => {
    const output = await project.succeed("destroy", "--yes");
    expect(output).toContain("Previewing destroy (dev):");
    expect(output).toContain("- 2 deleted");
    expect(processesIn(project.folder)).toEqual([]);
    await project.succeed("stack", "rm", "dev", "--yes");
    expect(await project.fail("stack", "export", "--stack", "dev")).toContain("no stack named 'dev' found");
  });
});
