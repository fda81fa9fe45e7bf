import { describe, expect, it, onTestFinished } from "vitest";
import { chooseEngine } from "../../tools/engine/engine.mts";
import { createProject } from "../../tools/engine/project.mts";

/** What the demo needs of the CLI, the stand-in does; demo.test.ts holds it to the CLI. It must not pretend to do more. */
async function standIn(program = "") {
  const project = createProject(await chooseEngine({ PATH: "" }), {
    "Pulumi.yaml": "name: test\nruntime: nodejs\n",
    "index.js": program,
    "package.json": "{}",
  });
  onTestFinished(() => project.remove());
  return (...args: string[]) => project.run(args);
}

describe("the stand-in refuses in one sentence", () => {
  it.each([
    [["refresh", "--yes"], "does not know `refresh`"],
    [["stack", "output", "--show-secrets"], "Unknown option '--show-secrets'"],
    [["up"], "there is no stack; `stack init` makes one"],
    [["preview", "--secret"], "does not know `preview --secret`"],
    [["up", "--target", "urn"], "Unknown option '--target'"],
    [["stack", "init", "../elsewhere"], "`stack init` takes the name of a stack"],
  ])("the command %j", async (args, sentence) => {
    const { code, output } = await (await standIn())(...args);

    expect(output).toMatch(/^error: [^\n]*\n$/);
    expect(output).toContain(sentence);
    expect(code).toBe(255);
  });

  const user = (options: string) => `new ScramUser("app", { password: "Canary-pw" }, ${options});`;
  it.each([
    ["protect", user("{ protect: true }")],
    ["retainOnDelete", user("{ retainOnDelete: true }")],
    ["ignoreChanges", user('{ ignoreChanges: ["password"] }')],
    ["aliases", user('{ aliases: [{ name: "before" }] }')],
    ["component", 'new (require("@pulumi/pulumi").ComponentResource)("my:own:Component", "one");'],
  ])("a program with %s", async (option, declaration) => {
    const pulumi = await standIn(`const { ScramUser } = require("pulumi-scram"); ${declaration}`);
    await pulumi("stack", "init", "dev");

    const { code, output } = await pulumi("preview");

    expect(output).toContain(`error: `);
    expect(output).toContain(`the stand-in does not know ${option}; the Pulumi CLI does`);
    expect(output).not.toMatch(/^\s+at /m);
    expect(code).toBe(255);
  });
});
