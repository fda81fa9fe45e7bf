import { join } from "node:path";
import { type Child, runNode } from "./child-process.mts";
import { PARALLEL, type Phase } from "./phase.mts";
import { containsSecrets, stripMap } from "./value.mts";

/** The exit code by which the SDK says that it has logged its error already. */
export const ALREADY_LOGGED = 32;

/** Runs the program through the SDK's own entry point, as Pulumi's language host does. */
export function startProgram(phase: Phase, address: string): Child {
  const { project, stack, config, sdk, report } = phase;
  const secretKeys = Object.keys(config).filter((key) => containsSecrets(config[key] ?? null));
  const args = [
    ["--monitor", address],
    ["--engine", address],
    ["--organization", "organization"],
    ["--project", project.name],
    ["--root-directory", project.root],
    ["--stack", stack],
    ["--pwd", project.directory],
    report.preview ? ["--dry-run"] : [],
    ["--parallel", String(PARALLEL)],
    [project.entry],
  ].flat();
  return runNode(join(sdk.directory, "cmd/run/index.js"), args, {
    cwd: project.directory,
    env: {
      PULUMI_CONFIG: JSON.stringify(stripMap(config)),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys),
      ...(project.typescript && { PULUMI_NODEJS_TYPESCRIPT: "true" }),
    },
    onLine: (line) => report.diagnostics.add("", "info", line),
  });
}
