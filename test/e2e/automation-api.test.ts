import { randomUUID } from "node:crypto";
import { mkdirSync, symlinkSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { expect, inject, it, onTestFinished } from "vitest";
import { createProject } from "../../tools/engine/project.mts";
import { login, serverUrl, storedHash } from "../support/server";

/** With an argument, destroys; else deploys, rotates and refreshes, and prints what the API tells. */
const PROGRAM = `
  import { LocalWorkspace, PulumiCommand } from "@pulumi/pulumi/automation/index.js";
  import { ScramUser } from "pulumi-scram";
  const { USERNAME: username, CLI_ROOT } = process.env;
  let password = "Canary-first";
  const program = async () => {
    const user = new ScramUser("app", { username, password });
    return { username: user.username, generation: user.generation };
  };
  const pulumiCommand = await PulumiCommand.get({ root: CLI_ROOT || undefined });
  const inline = { stackName: "dev", projectName: "automation", program };
  const stack = await LocalWorkspace.createOrSelectStack(inline, { pulumiCommand });
  if (process.argv.includes("destroy")) {
    await stack.destroy();
  } else {
    const deployed = await stack.up();
    password = "Canary-second";
    const preview = await stack.preview();
    const rotated = await stack.up();
    const refreshed = await stack.refresh();
    console.log(JSON.stringify({ deployed, preview, rotated, refreshed, state: await stack.exportStack() }));
  }
`;

it("a program of the Automation API, in its own process: deployed, rotated, refreshed, destroyed", async () => {
  const { command, path } = inject("engine");
  const node = { command: process.execPath, firstArguments: ["index.mjs"], path };
  const project = createProject(node, { "index.mjs": PROGRAM });
  onTestFinished(() => project.remove());
  const username = `automation_${randomUUID().slice(0, 8)}`;
  const env = {
    SCRAM_DATABASE_URL: serverUrl(),
    USERNAME: username,
    CLI_ROOT: isAbsolute(command) ? installationOf(command, project.folder) : "",
  };

  const { code, output, stdout } = await project.run([], { env });

  expect(code, output).toBe(0);
  expect(output).not.toContain("Canary");
  const outputs = (generation: number) => ({
    username: { value: username, secret: false },
    generation: { value: generation, secret: false },
  });
  const told = JSON.parse(stdout);
  expect(told).toMatchObject({
    deployed: { outputs: outputs(1), summary: { resourceChanges: { create: 2 } } },
    preview: { changeSummary: { update: 1, same: 1 } },
    rotated: { outputs: outputs(2), summary: { resourceChanges: { update: 1, same: 1 } } },
    refreshed: { summary: { resourceChanges: { same: 2 } } },
  });
  expect(JSON.stringify(told.state)).toContain(await storedHash(username));
  expect(await login(username, "Canary-second")).toBe(username);

  expect(await project.run(["destroy"], { env })).toMatchObject({ code: 0 });
  expect(await storedHash(username)).toBeUndefined();
});

/** The API takes a folder that has `bin/pulumi`. */
function installationOf(command: string, folder: string): string {
  const root = join(folder, "cli");
  mkdirSync(join(root, "bin"), { recursive: true });
  symlinkSync(command, join(root, "bin/pulumi"));
  return root;
}
