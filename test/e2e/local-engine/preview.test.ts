import { expect, it } from "vitest";
import { TestProject } from "./project.js";

const USER = `
  check: (olds, { password, ...news }) => {
    const unknown = password === UNKNOWN;
    const verifier = unknown ? UNKNOWN : "V:" + password;
    const generation = unknown ? UNKNOWN : (olds.generation ?? 0) + (olds.verifier === verifier ? 0 : 1);
    return { inputs: { ...news, verifier: secret(verifier), generation } };
  },`;

it("shows an echoed unknown as [unknown], and calls neither create nor update", async () => {
  const project = await TestProject.create({
    provider: USER,
    program: `const password = new random.RandomPassword("pw", { length: 12 });
      const app = new Thing("app", { password: password.result });
      exports.id = app.id;`,
  });
  const created = await project.succeed("preview", "--diff");
  expect(created).toMatch(/generation: \[unknown\]/);
  expect(created).toMatch(/verifier +: \[secret\]/);
  expect(created).toContain("+ id: [unknown]");
  expect(project.methods()).not.toContain("create");

  await project.up();
  project.calls();
  project.program(`const password = new random.RandomPassword("pw", { length: 13 });
    new Thing("app", { password: password.result });`);
  expect(await project.succeed("preview", "--diff")).toContain("~ generation: 1 => [unknown]");
  expect(project.methods()).toEqual(["configure", "check", "diff"]);
});

it("shows keys that check drops for an unknown as deleted", async () => {
  const project = await TestProject.create({
    provider: `check: (olds, { password, ...news }) =>
      ({ inputs: password === UNKNOWN ? news : { ...news, fingerprint: password } }),`,
    program: `new Thing("app", { password: "x" });`,
  });
  await project.up();
  project.program(
    `const source = new Thing("source", { password: "y" }); new Thing("app", { password: source.id });`,
  );
  expect(await project.succeed("preview", "--diff")).toContain('- fingerprint: "x"');
});

it("compares inputs itself when diff leaves `changes` out: secrets are named, never shown", async () => {
  const project = await TestProject.create({
    provider: USER,
    program: `new Thing("app", { password: "one" });`,
  });
  await project.up();
  project.program(`new Thing("app", { password: "two" });`);
  expect(await project.succeed("preview")).toContain("Thing app update [diff: ~generation,verifier]");
  const details = await project.succeed("preview", "--diff");
  expect(details).toContain("~ generation: 1 => 2");
  expect(details).toContain("~ verifier  : [secret] => [secret]");
  expect(details).not.toContain("V:");
});

it("redacts secrets before it compares when diff says changes: true", async () => {
  const project = await TestProject.create({
    provider: `${USER} diff: () => ({ changes: true }),`,
    program: `new Thing("app", { password: "one" });`,
  });
  await project.up();
  project.provider(`check: (olds, { password, ...news }) =>
    ({ inputs: { ...news, verifier: secret("V:" + password), generation: 1 } }), diff: () => ({ changes: true }),`);
  project.program(`new Thing("app", { password: "two" });`);
  expect(await project.succeed("preview")).toMatch(/~ {2}\S+Thing app update$/m);
});

it("records new inputs but keeps the old outputs when diff says changes: false", async () => {
  const project = await TestProject.create({
    provider: "diff: () => ({ changes: false }),",
    program: `new Thing("app", { comment: "one" });`,
  });
  await project.up();
  project.program(`new Thing("app", { comment: "two" });`);
  expect(await project.succeed("preview", "--expect-no-changes")).toContain("2 unchanged");
  await project.up();
  expect(project.resource("app")).toMatchObject({ inputs: { comment: "two" }, outputs: { comment: "one" } });
});

it("names in --diff exactly the members that change", async () => {
  const project = await TestProject.create({
    provider: `check: (olds, { passwords, ...news }) => ({ inputs: { ...news, users: Object.fromEntries(
      Object.entries(passwords).map(([name, password]) => [name, {
        verifier: secret("V:" + password),
        generation: (olds.users?.[name]?.generation ?? 0) + (olds.users?.[name]?.verifier === "V:" + password ? 0 : 1),
      }])) } }),`,
    program: `new Thing("apps", { passwords: { app: "a", report: "b" } });`,
  });
  await project.up();
  project.program(`new Thing("apps", { passwords: { app: "a", report: "c" } });`);
  expect(await project.succeed("preview")).toContain("Thing apps update [diff: ~users]");
  const details = await project.succeed("preview", "--diff");
  expect(details).toMatch(/~ report: \{\s+~ generation: 1 => 2\s+~ verifier {2}: \[secret\] => \[secret\]/);
  expect(details).not.toContain("~ app:");
});

it("ends with exit code 7 when changes were not expected", async () => {
  const project = await TestProject.create({ program: `new Thing("app");` });
  expect(await project.run("preview", "--expect-no-changes")).toMatchObject({ code: 7 });
  await project.up();
  expect(await project.run("preview", "--expect-no-changes")).toMatchObject({ code: 0 });
});

it("shows a preview before the update, and says first what it is", async () => {
  const project = await TestProject.create({ program: `new Thing("app"); exports.answer = 42;` });
  const output = await project.succeed("up", "--yes");
  expect(output).toMatch(/^local-engine: a stand-in for the Pulumi CLI/);
  expect(output.indexOf("Previewing update (dev):")).toBeLessThan(output.indexOf("Updating (dev):"));
  expect(output).toContain("    + 2 to create");
  expect(output).toContain("    + 2 created");
  expect(output).toContain("+ answer: 42");
  expect(await project.fail("up")).toContain("error: --yes or --skip-preview must be passed in");
});
