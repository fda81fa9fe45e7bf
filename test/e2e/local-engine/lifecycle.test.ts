import { expect, it } from "vitest";
import { isEncrypted, processesIn, TestProject } from "./project.js";

it("draws a random password once, keeps it secret, and draws anew when an input changes", async () => {
  const program = (length: number) => `
    const password = new random.RandomPassword("pw", { length: ${length}, overrideSpecial: "_", minSpecial: 2,
      minNumeric: 3, upper: false });
    const seed = new random.RandomBytes("seed", { length: 32 });
    exports.password = password.result; exports.hex = seed.hex;`;
  const project = await TestProject.create({ program: program(24) });
  expect(await project.succeed("preview")).toContain("+ password: [secret]");
  await project.up();
  expect(isEncrypted(project.resource("pw").outputs.result)).toBe(true);
  const output = async (name: string) =>
    (await project.run("stack", "output", name, "--show-secrets")).stdout.trim();
  const first = await output("password");
  expect(first).toMatch(/^(?=(.*\d){3})(?=(.*_){2})[a-z0-9_]{24}$/);
  expect(await output("hex")).toMatch(/^[0-9a-f]{64}$/);
  expect(await project.up()).toContain("3 unchanged");
  expect(await output("password")).toBe(first);
  project.program(program(25));
  expect(await project.up()).toContain("+-1 replaced");
  expect(await output("password")).toHaveLength(25);
});

it("deletes what the program no longer declares, after everything else, dependents first", async () => {
  const project = await TestProject.create({
    program: `const base = new Thing("base"); new Thing("upper", { below: base.id }); new Thing("stays");`,
  });
  await project.up();
  project.calls();
  project.program(`new Thing("stays"); new Thing("new");`);
  const output = await project.up();
  expect(output).toContain("- 2 deleted");
  const changes = project.calls().filter(({ method }) => ["create", "delete"].includes(method));
  expect(changes.map(({ method, args }) => [method, (args.at(-1) as { name: string }).name])).toEqual([
    ["create", "new"],
    ["delete", "upper"],
    ["delete", "base"],
  ]);
});

it("deletes an ignored property from what check gets when check transforms it away", async () => {
  const program = (password: string) =>
    `new Thing("app", { password: "${password}" }, { ignoreChanges: ["password"] });`;
  const project = await TestProject.create({
    provider:
      "check: (olds, { password, ...news }) => ({ inputs: { ...news, had: password !== undefined } }),",
    program: program("one"),
  });
  await project.up();
  expect(project.resource("app").inputs.had).toBe(true);
  project.program(program("two"));
  await project.up();
  expect(project.resource("app").inputs.had).toBe(false);
});

it("protects, retains, renames by alias and holds components", async () => {
  const project = await TestProject.create({
    program: `const group = new pulumi.ComponentResource("test:index:Group", "group");
      new Thing("kept", {}, { protect: true });
      new Thing("retained", {}, { retainOnDelete: true });
      new Thing("old", {}, { parent: group });`,
  });
  await project.up();
  expect(project.resource("old").urn).toContain("::test:index:Group$pulumi-nodejs:dynamic/test:Thing::old");
  project.program("");
  expect(await project.fail("preview")).toContain("cannot be deleted because it is protected");
  project.calls();
  project.program(`const group = new pulumi.ComponentResource("test:index:Group", "group");
    new Thing("kept");
    new Thing("new", { name: "old" }, { parent: group, aliases: [{ name: "old" }] });`);
  await project.up();
  expect(project.methods()).not.toContain("delete");
  expect(project.resource("new").id).toBe("id-old");
  expect(project.find("old")).toBeUndefined();
  expect(project.find("retained")).toBeUndefined();
});

it("refuses resource types it has no provider for", async () => {
  const project = await TestProject.create({ program: `new random.RandomPet("pet");` });
  expect(await project.fail("preview")).toContain("no provider for random:index/randomPet:RandomPet");
});

it("shows what the provider prints under the stack, in preview and in up", async () => {
  const project = await TestProject.create({
    provider: `check: (olds, news) => { console.error("app: careful"); return { inputs: news }; },`,
    program: `new Thing("app");`,
  });
  const output = await project.succeed("up", "--yes");
  expect(output.match(/Stack \(test-dev\):\n {4}app: careful/g)).toHaveLength(2);
});

it("goes through a whole life and leaves neither a resource nor a process", async () => {
  const project = await TestProject.create({ program: `new Thing("app");` });
  await project.succeed("up", "--yes");
  const output = await project.succeed("destroy", "--yes");
  expect(output).toContain("Previewing destroy (dev):");
  expect(output).toContain("- 2 deleted");
  expect(processesIn(project.folder)).toEqual([]);
  await project.succeed("stack", "rm", "dev", "--yes");
  expect(await project.fail("stack", "export", "--stack", "dev")).toContain("no stack named 'dev' found");
});
