import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { isTemporary } from "../temporary-folder.mts";

/**
 * Moves the files of one folder to another, and removes there what the first does not have. A file that differs is replaced
 * at once, one that does not is left as it is: who reads them meanwhile finds each, and finds it whole.
 */
export function replaceFiles(from: string, to: string): void {
  const wanted = filesIn(from);
  for (const name of wanted) {
    const [source, target] = [join(from, name), join(to, name)];
    mkdirSync(dirname(target), { recursive: true });
    if (!isSame(source, target)) renameSync(source, target);
  }
  for (const name of filesIn(to)) if (!wanted.has(name)) rmSync(join(to, name), { force: true });
}

/** By their paths; without those of a build that is under way. */
function filesIn(folder: string): Set<string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const names = files.map(({ parentPath, name }) => relative(folder, join(parentPath, name)));
  return new Set(names.filter((name) => !isTemporary(name)));
}

function isSame(one: string, other: string): boolean {
  try {
    return statSync(one).mode === statSync(other).mode && readFileSync(one).equals(readFileSync(other));
  } catch {
    return false;
  }
}
