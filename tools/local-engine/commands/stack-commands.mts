import type { Arguments } from "../arguments.mts";
import { openStack, openWorkspace, passphrase, stackName } from "../stack.mts";
import { decodeResource, deploymentJson, showSecrets } from "../state/deployment-json.mts";
import { newCrypter, openCrypter } from "../state/passphrase.mts";
import { readStack, removeStack, selectStack, stackExists, writeStack } from "../state/stack-file.mts";
import { readSettings, removeSettings, writeSettings } from "../state/stack-settings.mts";
import { STACK_TYPE } from "../urn.mts";
import { UserError } from "../user-error.mts";
import { isSecret, mapSecrets, strip } from "../value.mts";

export async function stackInit(args: Arguments): Promise<string> {
  const { project, backend } = openWorkspace(args);
  const name = args.operands[0] ?? args.flags.get("--stack");
  if (!name || !/^[\w.-]+$/.test(name)) {
    throw new UserError("stack init needs a name of letters, digits, hyphens, underscores and periods");
  }
  if (stackExists(backend, project.name, name)) throw new UserError(`stack '${name}' already exists`);
  const settings = readSettings(project, name);
  const crypter = settings.encryptionsalt
    ? await openCrypter(passphrase(), settings.encryptionsalt)
    : await newCrypter(passphrase());
  writeSettings(project, name, { ...settings, encryptionsalt: crypter.salt });
  writeStack(backend, project.name, name, deploymentJson(crypter, []));
  selectStack(backend, project.name, name);
  return `Created stack '${name}'`;
}

export async function stackRemove(args: Arguments): Promise<string> {
  const workspace = openWorkspace(args);
  const name = args.operands[0] ?? stackName(workspace, args);
  if (!args.flags.has("--yes"))
    throw new UserError("--yes must be passed in to proceed when running in non-interactive mode");
  const { resources = [] } = readStack(workspace.backend, workspace.project.name, name);
  if (resources.length > 0) {
    throw new UserError(`'${name}' still has resources; removal rejected. Run \`destroy\` first`);
  }
  removeStack(workspace.backend, workspace.project.name, name);
  removeSettings(workspace.project, name);
  return `Stack '${name}' has been removed!`;
}

export async function stackExport(args: Arguments): Promise<string> {
  const { latest, crypter } = await openStack(args);
  const deployment = args.flags.has("--show-secrets") ? showSecrets(latest, crypter) : latest;
  return JSON.stringify({ version: 3, deployment }, undefined, 4);
}

export async function stackOutput(args: Arguments): Promise<string> {
  const { latest, crypter } = await openStack(args);
  const root = (latest.resources ?? []).find(({ type }) => type === STACK_TYPE);
  const outputs = root ? decodeResource(root, crypter).outputs : {};
  const shown = Object.fromEntries(
    Object.entries(outputs).map(([key, value]) => [
      key,
      args.flags.has("--show-secrets")
        ? strip(value)
        : isSecret(value)
          ? "[secret]"
          : mapSecrets(value, () => "[secret]"),
    ]),
  );
  const [name] = args.operands;
  if (name === undefined) return JSON.stringify(shown, undefined, 2);
  const value = shown[name];
  if (value === undefined) throw new UserError(`current stack does not have output property '${name}'`);
  return typeof value === "string" && !args.flags.has("--json") ? value : JSON.stringify(value);
}
