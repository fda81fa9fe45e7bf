import { readFileSync } from "node:fs";
import type { Arguments } from "../arguments.mts";
import { openStack } from "../stack.mts";
import { configKey, writeSettings } from "../state/stack-settings.mts";
import { UserError } from "../user-error.mts";

export async function configSet(args: Arguments): Promise<string> {
  const [key, given] = args.operands;
  if (!key) throw new UserError("config set needs a key");
  const { project, name, settings, crypter } = await openStack(args);
  // A value on stdin is in no process list; the line break of `echo` is not part of it.
  const value = given ?? readFileSync(0, "utf8").replace(/\r?\n$/, "");
  const stored = args.flags.has("--secret") ? { secure: crypter.encrypt(value) } : value;
  writeSettings(project, name, {
    encryptionsalt: crypter.salt,
    ...settings,
    config: { ...settings.config, [configKey(project, key)]: stored },
  });
  return "";
}

export async function configRemove(args: Arguments): Promise<string> {
  const [key] = args.operands;
  if (!key) throw new UserError("config rm needs a key");
  const { project, name, settings } = await openStack(args);
  const { [configKey(project, key)]: _removed, ...config } = settings.config ?? {};
  writeSettings(project, name, { ...settings, config });
  return "";
}
