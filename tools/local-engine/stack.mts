import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PropertyMap } from "../pulumi-sdk/property-values.mts";
import { UserError } from "../user-error.mts";

export interface Project {
  readonly name: string;
  /** The folder of Pulumi.yaml. */
  readonly root: string;
  /** The folder of the program, and its file there. */
  readonly directory: string;
  readonly entry: string;
}

/** A resource as recorded. */
export interface ResourceState {
  readonly urn: string;
  readonly type: string;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
  /** The name of the provider instance; empty for what has none. */
  readonly provider: string;
}

interface Recorded {
  name: string;
  config: Readonly<Record<string, { readonly value: string; readonly secret: boolean }>>;
  /** Each after those that it depends on. */
  resources: ResourceState[];
  outputs: PropertyMap;
}

/** The one stack that there is. */
export interface Stack extends Recorded {
  readonly project: Project;
  save(): void;
}

export function createStack(project: Project, name: string): void {
  if (!/^[\w.-]+$/.test(name)) throw new UserError("`stack init` takes the name of a stack");
  if (existsSync(stackFile())) throw new UserError("the stand-in keeps one stack, and there is one already");
  write({ name, config: {}, resources: [], outputs: {} });
  openStack(project);
}

export function openStack(project: Project): Stack {
  if (!existsSync(stackFile())) throw new UserError("there is no stack; `stack init` makes one");
  const recorded = read();
  return {
    ...recorded,
    project,
    save() {
      const { name, config, resources, outputs } = this;
      write({ name, config, resources, outputs });
    },
  };
}

function stackFile(): string {
  return join(fileURLToPath(process.env.PULUMI_BACKEND_URL ?? ""), "stack.json");
}

/** The whole file is encrypted, under a new key each time. */
function write(recorded: Recorded): void {
  const [salt, nonce] = [randomBytes(16), randomBytes(12)];
  const cipher = createCipheriv("aes-256-gcm", keyOf(salt), nonce);
  const sealed = Buffer.concat([
    cipher.update(JSON.stringify(recorded), "utf8"),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  const file = stackFile();
  writeFileSync(`${file}.new`, Buffer.concat([salt, nonce, sealed]), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function read(): Recorded {
  const bytes = readFileSync(stackFile());
  const decipher = createDecipheriv("aes-256-gcm", keyOf(bytes.subarray(0, 16)), bytes.subarray(16, 28));
  decipher.setAuthTag(bytes.subarray(-16));
  const plain = Buffer.concat([decipher.update(bytes.subarray(28, -16)), decipher.final()]);
  return JSON.parse(plain.toString("utf8"));
}

function keyOf(salt: Buffer): Buffer {
  return scryptSync(process.env.PULUMI_CONFIG_PASSPHRASE ?? "", salt, 32);
}
