import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { isEncrypted, TestProject } from "./project.js";

it("marks secrets by the same key name only, in inputs and outputs", async () => {
  const project = await TestProject.create({
    provider: `
      check: (olds, news) => ({ inputs: {
        ...news,
        plainFromCheck: "verifier-1", plainListed: "verifier-2", wrappedFromCheck: secret("verifier-3"),
        nested: { inner: secret("verifier-4"), open: "shown" },
      } }),
      create: (inputs) => ({ id: "x", outs: {
        ...inputs, plainFromCreate: "out-1", plainFromCreateListed: "out-2", wrappedFromCreate: secret("out-3"),
      } }),`,
    program: `new Thing("app", { password: pulumi.secret("pw"), list: ["a", pulumi.secret("b")] },
      { additionalSecretOutputs: ["plainListed", "plainFromCreateListed"] });`,
  });
  await project.up();
  const { inputs, outputs } = project.resource("app");

  const encryptedKeys = (map: Record<string, unknown>) =>
    Object.keys(map).filter((key) => isEncrypted(map[key]));
  expect(encryptedKeys(inputs).sort()).toEqual(["list", "password", "wrappedFromCheck"]);
  expect(encryptedKeys(outputs).sort()).toEqual(
    [
      "list",
      "password",
      "plainFromCreateListed",
      "plainListed",
      "wrappedFromCheck",
      "wrappedFromCreate",
    ].sort(),
  );
  for (const side of [inputs, outputs]) {
    const nested = side.nested as Record<string, unknown>;
    expect(isEncrypted(nested.inner)).toBe(true);
    expect(nested.open).toBe("shown");
  }
  expect(inputs.plainListed).toBe("verifier-2");
  expect(outputs.plainFromCheck).toBe("verifier-1");
  expect(outputs.plainFromCreate).toBe("out-1");
});

it("hands every provider method plaintext", async () => {
  const project = await TestProject.create({
    provider: `
      check: (olds, news) => ({ inputs: { ...news, verifier: secret("v") } }),
      diff: (id, olds, news) => ({ changes: olds.password !== news.password }),`,
    program: `new Thing("app", { password: config.requireSecret("pw") });`,
  });
  await project.succeed("config", "set", "pw", "one", "--secret");
  await project.up();
  await project.succeed("config", "set", "pw", "two", "--secret");
  await project.up();
  await project.succeed("refresh", "--skip-preview");
  await project.succeed("destroy", "--skip-preview");
  const calls = project.calls().filter(({ method }) => method !== "configure");
  expect(new Set(calls.map(({ method }) => method))).toEqual(
    new Set(["check", "diff", "create", "update", "read", "delete"]),
  );
  expect(JSON.stringify(calls)).not.toContain("1b47061264138c4ac30d75fd1eb44270");
});

it("encrypts values that read returns wrapped, and leaves new plain ones plain", async () => {
  const project = await TestProject.create({
    provider: `read: (id, props) => ({ id, props: { ...props, plain: "p", wrapped: secret("w") }, inputs: { ...props } }),`,
    program: `new Thing("app", { password: pulumi.secret("pw") });`,
  });
  await project.up();
  await project.succeed("refresh", "--skip-preview");
  const { inputs, outputs } = project.resource("app");
  expect(isEncrypted(outputs.password)).toBe(true);
  expect(isEncrypted(inputs.password)).toBe(true);
  expect(isEncrypted(outputs.wrapped)).toBe(true);
  expect(outputs.plain).toBe("p");
});

it("keeps what check drops out of the state entirely, save for the name of its key", async () => {
  const project = await TestProject.create({
    provider: `check: (olds, { password, ...news }) => ({ inputs: { ...news, verifier: secret("V") } }),`,
    program: `new Thing("app", { password: pulumi.secret("correct-pony") });`,
  });
  await project.up();
  expect(await project.succeed("stack", "export", "--show-secrets")).not.toContain("correct-pony");
  expect(readFileSync(project.stateFile, "utf8")).toContain('"password": []');
});

it("prints the value of a property that a check failure names, and none for the empty property", async () => {
  const project = await TestProject.create({
    provider: `check: (olds, news) => ({ inputs: news, failures: [{ property: news.blame, reason: "too short" }] }),`,
    program: `new Thing("app", { password: pulumi.secret("abc"), blame: "password" });`,
  });
  expect(await project.fail("preview")).toContain(
    "property password value {&{{abc}}} has a problem: too short",
  );
  project.program(`new Thing("app", { password: pulumi.secret("abc"), blame: "" });`);
  const output = await project.fail("up", "--skip-preview");
  expect(output).toContain("resource 'app' has a problem: too short");
  expect(output).not.toContain("abc");
});

it("writes Pulumi's passphrase encryption, which `stack export --show-secrets` opens", async () => {
  const project = await TestProject.create({
    program: `new Thing("app", { password: pulumi.secret("hunter2") }); exports.pw = pulumi.secret("hunter3");`,
  });
  await project.succeed("config", "set", "token", "hunter4", "--secret");
  await project.up();
  for (const file of [project.stateFile, `${project.folder}/Pulumi.dev.yaml`]) {
    expect(readFileSync(file, "utf8")).not.toMatch(/hunter/);
    expect(readFileSync(file, "utf8")).toMatch(/v1:[\w+/=]{16}:[\w+/=]+/);
  }
  expect((await project.run("stack", "export")).stdout).not.toMatch(/hunter/);
  const { stdout } = await project.run("stack", "export", "--show-secrets");
  expect(JSON.parse(stdout)).toMatchObject({ version: 3 });
  expect(stdout).toContain(String.raw`"plaintext": "\"hunter2\""`);
  expect((await project.run("stack", "output", "pw")).stdout.trim()).toBe("[secret]");
  expect((await project.run("stack", "output", "pw", "--show-secrets")).stdout.trim()).toBe("hunter3");
});

it("refuses a wrong passphrase and leaves the state as it was", async () => {
  const project = await TestProject.create({
    program: `new Thing("app", { password: pulumi.secret("x") });`,
  });
  await project.up();
  const before = readFileSync(project.stateFile, "utf8");
  project.environment = { PULUMI_CONFIG_PASSPHRASE: "wrong" };
  expect(await project.fail("up", "--skip-preview")).toContain("error: incorrect passphrase");
  expect(readFileSync(project.stateFile, "utf8")).toBe(before);
});
