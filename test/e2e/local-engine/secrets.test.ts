import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { callsOf, isEncrypted, type Latest, type ProviderCall, resourceIn, TestProject } from "./project.js";

describe("one stack full of secrets, through its life", () => {
  const PROVIDER = {
    marked: `
      check: (olds, news) => ({ inputs: {
        ...news,
        plainFromCheck: "verifier-1", plainListed: "verifier-2", wrappedFromCheck: secret("verifier-3"),
        nested: { inner: secret("verifier-4"), open: "shown" },
      } }),
      create: (inputs) => ({ id: "x", outs: {
        ...inputs, plainFromCreate: "out-1", plainFromCreateListed: "out-2", wrappedFromCreate: secret("out-3"),
      } }),`,
    changing: `
      check: (olds, news) => ({ inputs: { ...news, verifier: secret("v") } }),
      diff: (id, olds, news) => ({ changes: olds.password !== news.password }),`,
    read: `read: (id, props) => ({ id, props: { ...props, plain: "p", wrapped: secret("w") }, inputs: { ...props } }),`,
    dropping: `check: (olds, { password, ...news }) => ({ inputs: { ...news, verifier: secret("V") } }),`,
  };
  const PROGRAM = `
    new Thing("marked", { password: pulumi.secret("pw"), list: ["a", pulumi.secret("b")] },
      { additionalSecretOutputs: ["plainListed", "plainFromCreateListed"] });
    new Thing("changing", { password: config.requireSecret("pw") });
    new Thing("read", { password: pulumi.secret("hunter2") });
    new Thing("dropping", { password: pulumi.secret("correct-pony") });
    exports.pw = pulumi.secret("hunter3");`;

  let files: string[];
  let created: Latest;
  let exported: string;
  let opened: string;
  let outputs: string[];
  let refused: string;
  let afterRefusal: string;
  let refreshed: Latest;
  let calls: ProviderCall[];

  beforeAll(async () => {
    const project = await TestProject.create({ provider: PROVIDER, program: PROGRAM });
    const stdout = async (...args: string[]) => (await project.run(...args)).stdout.trim();
    await project.succeed("config", "set", "pw", "hunter4", "--secret");
    await project.up();
    files = [project.stateFile, `${project.folder}/Pulumi.dev.yaml`].map((file) =>
      readFileSync(file, "utf8"),
    );
    created = project.latest();
    exported = await stdout("stack", "export");
    opened = await stdout("stack", "export", "--show-secrets");
    outputs = [
      await stdout("stack", "output", "pw"),
      await stdout("stack", "output", "pw", "--show-secrets"),
    ];
    project.environment = { PULUMI_CONFIG_PASSPHRASE: "wrong" };
    refused = await project.fail("up", "--skip-preview");
    afterRefusal = readFileSync(project.stateFile, "utf8");
    project.environment = {};
    await project.succeed("config", "set", "pw", "two", "--secret");
    await project.up();
    await project.succeed("refresh", "--skip-preview");
    refreshed = project.latest();
    await project.succeed("destroy", "--skip-preview");
    calls = project.calls().filter(({ method }) => method !== "configure");
  });

  it("marks secrets by the same key name only, in inputs and outputs", () => {
    const { inputs, outputs } = resourceIn(created, "marked");
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

  it("hands every provider method plaintext", () => {
    expect(new Set(callsOf("changing", calls).map(({ method }) => method))).toEqual(
      new Set(["check", "diff", "create", "update", "read", "delete"]),
    );
    expect(JSON.stringify(calls)).not.toContain("1b47061264138c4ac30d75fd1eb44270");
  });

  it("encrypts values that read returns wrapped, and leaves new plain ones plain", () => {
    const { inputs, outputs } = resourceIn(refreshed, "read");
    expect(isEncrypted(outputs.password)).toBe(true);
    expect(isEncrypted(inputs.password)).toBe(true);
    expect(isEncrypted(outputs.wrapped)).toBe(true);
    expect(outputs.plain).toBe("p");
  });

  it("keeps what check drops out of the state entirely, save for the name of its key", () => {
    expect(opened).not.toContain("correct-pony");
    expect(resourceIn(created, "dropping").propertyDependencies?.password).toEqual([]);
  });

  it("writes Pulumi's passphrase encryption, which `stack export --show-secrets` opens", () => {
    for (const file of files) {
      expect(file).not.toMatch(/hunter/);
      expect(file).toMatch(/v1:[\w+/=]{16}:[\w+/=]+/);
    }
    expect(exported).not.toMatch(/hunter/);
    expect(JSON.parse(exported)).toMatchObject({ version: 3 });
    expect(JSON.parse(opened)).toMatchObject({ version: 3 });
    expect(opened).toContain(String.raw`"plaintext": "\"hunter2\""`);
    expect(outputs).toEqual(["[secret]", "hunter3"]);
  });

  it("refuses a wrong passphrase and leaves the state as it was", () => {
    expect(refused).toContain("error: incorrect passphrase");
    expect(afterRefusal).toBe(files[0]);
  });
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
