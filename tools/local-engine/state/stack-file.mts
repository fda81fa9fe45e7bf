import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../user-error.mts";
import type { DeploymentJson } from "./deployment-json.mts";

/** The stacks of Pulumi's file backend: `<PULUMI_BACKEND_URL>/.pulumi/stacks/<project>/<stack>.json`. */
export interface Backend {
  readonly directory: string;
}

export function openBackend(url: string | undefined): Backend {
  if (!url?.startsWith("file://")) {
    throw new UserError(
      "PULUMI_BACKEND_URL must be set to file://DIRECTORY, the folder that holds the state",
    );
  }
  // Pulumi also takes relative addresses such as file://./state, which are no valid file URLs.
  const rest = url.slice("file://".length);
  const folder = rest.startsWith("/") ? fileURLToPath(url) : rest.replace(/^~/, process.env.HOME ?? "~");
  return { directory: join(folder, ".pulumi") };
}

export const stackFile = (backend: Backend, project: string, stack: string): string =>
  join(backend.directory, "stacks", project, `${stack}.json`);

export const stackExists = (backend: Backend, project: string, stack: string): boolean =>
  existsSync(stackFile(backend, project, stack));

export function readStack(backend: Backend, project: string, stack: string): DeploymentJson {
  const path = stackFile(backend, project, stack);
  if (!existsSync(path)) throw new UserError(`no stack named '${stack}' found`);
  const { version, checkpoint } = JSON.parse(readFileSync(path, "utf8"));
  if (version !== 3) throw new UserError(`the state of stack '${stack}' has version ${version}, not 3`);
  return checkpoint.latest;
}

export function writeStack(backend: Backend, project: string, stack: string, latest: DeploymentJson): void {
  const checkpoint = { stack: `organization/${project}/${stack}`, latest };
  writeWhole(
    stackFile(backend, project, stack),
    `${JSON.stringify({ version: 3, checkpoint }, undefined, 4)}\n`,
  );
}

export function removeStack(backend: Backend, project: string, stack: string): void {
  rmSync(stackFile(backend, project, stack));
}

const selectedFile = (backend: Backend, project: string): string =>
  join(backend.directory, "selected", project);

/** `pulumi` remembers this in the home directory, which tests must leave alone. */
export function selectStack(backend: Backend, project: string, stack: string): void {
  writeWhole(selectedFile(backend, project), stack);
}

export function selectedStack(backend: Backend, project: string): string {
  const file = selectedFile(backend, project);
  if (!existsSync(file)) throw new UserError("no stack selected; please use `stack init` or pass --stack");
  return readFileSync(file, "utf8");
}

/** A reader, or a kill at any moment, sees the old file or the new one and never half of it. */
export function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, path);
}
