import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { UserError } from "./user-error.mts";

export interface Project {
  readonly name: string;
  /** The folder of Pulumi.yaml. */
  readonly root: string;
  /** Where program and providers run: the root, or the folder that `main` names or lies in. */
  readonly directory: string;
  /** The program, relative to `directory`; "." leaves it to the SDK to find. */
  readonly entry: string;
  readonly typescript: boolean;
}

/** Reads Pulumi.yaml in the folder or, as Pulumi does, in the nearest folder above. */
export function readProject(start: string): Project {
  const root = findRoot(resolve(start));
  const { name, runtime, main } = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8"));
  const runtimeName = typeof runtime === "object" ? runtime?.name : runtime;
  if (typeof name !== "string" || runtimeName !== "nodejs") {
    throw new UserError("Pulumi.yaml must give a name and the runtime nodejs");
  }
  const target = join(root, typeof main === "string" ? main : ".");
  if (!existsSync(target))
    throw new UserError(`could not get entry point: ${main} of Pulumi.yaml does not exist`);
  const isFolder = statSync(target).isDirectory();
  const directory = isFolder ? target : dirname(target);
  const entry = isFolder ? "." : basename(target);
  const wanted = typeof runtime === "object" ? runtime.options?.typescript : undefined;
  return { name, root, directory, entry, typescript: wanted ?? existsSync(join(directory, "tsconfig.json")) };
}

function findRoot(folder: string): string {
  if (existsSync(join(folder, "Pulumi.yaml"))) return folder;
  if (dirname(folder) === folder) {
    throw new UserError("no Pulumi.yaml project file found in this folder or above; --cwd names another one");
  }
  return findRoot(dirname(folder));
}
