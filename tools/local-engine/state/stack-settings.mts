import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Project } from "../project.mts";
import { type PropertyMap, secret } from "../value.mts";
import type { Crypter } from "./passphrase.mts";
import { writeWhole } from "./stack-file.mts";

/** `Pulumi.<stack>.yaml`, which lies beside Pulumi.yaml. */
export interface StackSettings {
  encryptionsalt?: string;
  config?: Record<string, unknown>;
}

const settingsFile = (project: Project, stack: string): string => join(project.root, `Pulumi.${stack}.yaml`);

export function readSettings(project: Project, stack: string): StackSettings {
  const file = settingsFile(project, stack);
  return existsSync(file) ? (parse(readFileSync(file, "utf8")) ?? {}) : {};
}

export function writeSettings(project: Project, stack: string, settings: StackSettings): void {
  writeWhole(settingsFile(project, stack), stringify(settings));
}

export function removeSettings(project: Project, stack: string): void {
  rmSync(settingsFile(project, stack), { force: true });
}

/** A bare key belongs to the project's own namespace. */
export const configKey = (project: Project, key: string): string =>
  key.includes(":") ? key : `${project.name}:${key}`;

/** The configuration as program and provider get it: every value a string, objects as JSON; secrets marked. */
export function readConfig(settings: StackSettings, project: Project, crypter: Crypter): PropertyMap {
  return Object.fromEntries(
    Object.entries(settings.config ?? {}).map(([key, value]) => {
      const sealed =
        typeof value === "object" && value !== null && "secure" in value ? value.secure : undefined;
      if (typeof sealed === "string") return [configKey(project, key), secret(crypter.decrypt(sealed))];
      return [configKey(project, key), typeof value === "object" ? JSON.stringify(value) : String(value)];
    }),
  );
}
