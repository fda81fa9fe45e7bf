import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stopServerIn } from "./postgres/stop-server-in.mts";
import { UserError } from "./user-error.mts";

const PREFIX = "pulumi-scram-";
const OWNER = "owner.json";

/** A process id means something only on its machine and, in a container, only there. */
const place = [hostname(), pidNamespace()].join(" ");
const swept = new Set<string>();
const made = new Set<string>();
process.once("exit", discardAll);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    // Whoever else listens cleans up in an order of its own.
    if (process.listenerCount(signal) > 0) return;
    discardAll();
    process.kill(process.pid, signal);
  });
}

/**
 * Makes a folder that is gone when this process has ended. Before it does so for the first time, it removes the folders of
 * processes that were killed.
 *
 * @param purpose a word of its name
 */
export function temporaryFolder(purpose: string, parent = tmpdir()): string {
  const within = resolve(parent);
  if (!swept.has(within)) sweep(within);
  swept.add(within);
  const folder = make(purpose, within);
  made.add(folder);
  writeFileSync(join(folder, OWNER), JSON.stringify({ pid: process.pid, place }));
  return folder;
}

/** @param path relative to where temporary folders are made */
export function isTemporary(path: string): boolean {
  return path.startsWith(PREFIX);
}

export function removeFolder(folder: string): void {
  // A process that is about to end may still write to it, or remove from it, at which Node stops without a word.
  for (let attempt = 0; attempt < 100 && existsSync(folder); attempt++) {
    if (attempt > 0) sleep(20);
    // The owner goes last: by it the next run recognises what is left if this one is killed meanwhile.
    for (const name of readdirSync(folder)) if (name !== OWNER) remove(join(folder, name));
    if (readdirSync(folder).every((name) => name === OWNER)) remove(folder);
  }
  made.delete(folder);
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5 });
}

/** When a process exits, nothing can be awaited. */
function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function make(purpose: string, parent: string): string {
  try {
    return mkdtempSync(join(parent, `${PREFIX}${purpose}-`));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const hint =
      parent === resolve(tmpdir()) ? "set TMPDIR to a folder that you may write to" : "make it writable";
    throw new UserError(`cannot make a folder in ${parent} (${code}): ${hint}`);
  }
}

function sweep(parent: string): void {
  for (const folder of foldersIn(parent)) if (isAbandoned(folder)) discard(folder);
}

function discardAll(): void {
  for (const folder of made) discard(folder);
}

/** Whatever may still go on there. */
function discard(folder: string): void {
  stopServerIn(folder);
  removeFolder(folder);
}

function foldersIn(parent: string): string[] {
  try {
    return readdirSync(parent)
      .filter(isTemporary)
      .map((name) => join(parent, name));
  } catch {
    // What is wrong with it, the attempt to make a folder in it tells.
    return [];
  }
}

/** Surely ours, and surely nobody's any more. */
function isAbandoned(folder: string): boolean {
  try {
    if (lstatSync(folder).uid !== process.getuid?.()) return false;
    const owner = JSON.parse(readFileSync(join(folder, OWNER), "utf8"));
    return owner.place === place && !isAlive(owner.pid);
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}
