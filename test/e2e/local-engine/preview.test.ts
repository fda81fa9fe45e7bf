import { beforeAll, describe, expect, it } from "vitest";
import { callsOf, type ProviderCall, resourceIn, TestProject } from "./project.js";

const USER = `
  check: (olds, { password, ...news }) => {
    const unknown = password === UNKNOWN;
    const verifier = unknown ? UNKNOWN : "V:" + password;
    const generation = unknown ? UNKNOWN : (olds.generation ?? 0) + (olds.verifier === verifier ? 0 : 1);
    return { inputs: { ...news, verifier: secret(verifier), generation } };
  },`;
const REDACTED = `check: (olds, { password, ...news }) =>
    ({ inputs: { ...news, verifier: secret("V:" + password), generation: 1 } }), diff: () => ({ changes: true }),`;

const PROVIDER = {
  unknown: USER,
  dropped: `check: (olds, { password, ...news }) =>
    ({ inputs: password === UNKNOWN ? news : { ...news, fingerprint: password } }),`,
  compared: USER,
  redacted: REDACTED,
  apps: `check: (olds, { passwords, ...news }) => ({ inputs: { ...news, users: Object.fromEntries(
    Object.entries(passwords).map(([name, password]) => [name, {
      verifier: secret("V:" + password),
      generation: (olds.users?.[name]?.generation ?? 0) + (olds.users?.[name]?.verifier === "V:" + password ? 0 : 1),
    }])) } }),`,
};

const program = (length: number, dropped: string, password: string, report: string) => `
  const source = new random.RandomPassword("pw", { length: ${length} });
  const unknown = new Thing("unknown", { password: source.result });
  exports.id = unknown.id;
  new Thing("dropped", { password: ${dropped} });
  new Thing("compared", { password: "${password}" });
  new Thing("redacted", { password: "${password}" });
  new Thing("apps", { passwords: { app: "a", report: "${report}" } });`;

describe("one stack, previewed before it is made and before it is changed", () => {
  let created: string;
  let creating: string[];
  let rows: string;
  let changed: string;
  let changing: ProviderCall[];
  /** The details of one resource: from its URN to the next. */
  const detailsOf = (name: string) => changed.split(`::${name}]\n`)[1]?.split("[urn=")[0] ?? "";

  beforeAll(async () => {
    const project = await TestProject.create({
      provider: PROVIDER,
      program: program(12, `"x"`, "one", "b"),
    });
    created = await project.succeed("preview", "--diff");
    creating = project.methods();
    await project.up();
    project.program(program(13, "source.result", "two", "c"));
    rows = await project.succeed("preview");
    project.calls();
    changed = await project.succeed("preview", "--diff");
    changing = project.calls();
  });

  it("shows an echoed unknown as [unknown], and calls neither create nor update", () => {
    expect(created).toMatch(/generation: \[unknown\]/);
    expect(created).toMatch(/verifier +: \[secret\]/);
    expect(created).toContain("+ id: [unknown]");
    expect(creating).not.toContain("create");
    expect(detailsOf("unknown")).toContain("~ generation: 1 => [unknown]");
    const methods = changing.map(({ method }) => method);
    expect(methods.filter((method) => !["check", "diff"].includes(method))).toEqual(["configure"]);
    expect(callsOf("unknown", changing).map(({ method }) => method)).toEqual(["check", "diff"]);
  });

  it("shows keys that check drops for an unknown as deleted", () => {
    expect(detailsOf("dropped")).toContain('- fingerprint: "x"');
  });

  it("compares inputs itself when diff leaves `changes` out: secrets are named, never shown", () => {
    expect(rows).toContain("Thing compared update [diff: ~generation,verifier]");
    expect(detailsOf("compared")).toContain("~ generation: 1 => 2");
    expect(detailsOf("compared")).toContain("~ verifier  : [secret] => [secret]");
    expect(changed).not.toContain("V:");
  });

  it("redacts secrets before it compares when diff says changes: true", () => {
    expect(rows).toMatch(/~ {2}\S+Thing redacted update$/m);
  });

  it("names in --diff exactly the members that change", () => {
    expect(rows).toContain("Thing apps update [diff: ~users]");
    expect(detailsOf("apps")).toMatch(
      /~ report: \{\s+~ generation: 1 => 2\s+~ verifier {2}: \[secret\] => \[secret\]/,
    );
    expect(detailsOf("apps")).not.toContain("~ app:");
  });
});

describe("one stack, with and without changes", () => {
  const things = (comment: string) =>
    `new Thing("app"); new Thing("quiet", { comment: "${comment}" }); exports.answer = 42;`;
  let project: TestProject;
  beforeAll(async () => {
    project = await TestProject.create({
      provider: { quiet: "diff: () => ({ changes: false })," },
      program: things("one"),
    });
  });

  it("ends with exit code 7 when changes were not expected", async () => {
    expect(await project.run("preview", "--expect-no-changes")).toMatchObject({ code: 7 });
  });

  it("shows a preview before the update, and says first what it is", async () => {
    const output = await project.succeed("up", "--yes");
    expect(output).toMatch(/^local-engine: a stand-in for the Pulumi CLI/);
    expect(output.indexOf("Previewing update (dev):")).toBeLessThan(output.indexOf("Updating (dev):"));
    expect(output).toContain("    + 3 to create");
    expect(output).toContain("    + 3 created");
    expect(output).toContain("+ answer: 42");
    expect(await project.fail("up")).toContain("error: --yes or --skip-preview must be passed in");
  });

  it("records new inputs but keeps the old outputs when diff says changes: false", async () => {
    project.program(things("two"));
    const { code, output } = await project.run("preview", "--expect-no-changes");
    expect(code).toBe(0);
    expect(output).toContain("3 unchanged");
    await project.up();
    expect(resourceIn(project.latest(), "quiet")).toMatchObject({
      inputs: { comment: "two" },
      outputs: { comment: "one" },
    });
  });
});
