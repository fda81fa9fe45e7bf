import type { Arguments } from "./arguments.mts";
import { type Project, readProject } from "./project.mts";
import type { DeploymentJson } from "./state/deployment-json.mts";
import { type Crypter, openCrypter } from "./state/passphrase.mts";
import { type Backend, openBackend, readStack, selectedStack } from "./state/stack-file.mts";
import { readSettings, type StackSettings } from "./state/stack-settings.mts";
import { UserError } from "./user-error.mts";

export interface Workspace {
  readonly project: Project;
  readonly backend: Backend;
}

/** A stack opened with the right passphrase. */
export interface Stack extends Workspace {
  readonly name: string;
  readonly settings: StackSettings;
  readonly crypter: Crypter;
  readonly latest: DeploymentJson;
}

export function openWorkspace({ flags }: Arguments): Workspace {
  return {
    project: readProject(flags.get("--cwd") ?? "."),
    backend: openBackend(process.env.PULUMI_BACKEND_URL),
  };
}

export function passphrase(): string {
  const value = process.env.PULUMI_CONFIG_PASSPHRASE;
  if (value === undefined) throw new UserError("passphrase must be set with PULUMI_CONFIG_PASSPHRASE");
  return value;
}

export const stackName = (workspace: Workspace, { flags }: Arguments): string =>
  flags.get("--stack") ?? selectedStack(workspace.backend, workspace.project.name);

export async function openStack(args: Arguments): Promise<Stack> {
  const workspace = openWorkspace(args);
  const name = stackName(workspace, args);
  const latest = readStack(workspace.backend, workspace.project.name, name);
  const settings = readSettings(workspace.project, name);
  const crypter = await openCrypter(passphrase(), latest.secrets_providers.state.salt);
  return { ...workspace, name, settings, crypter, latest };
}
