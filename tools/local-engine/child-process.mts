import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { COMPILE_CACHE } from "./compile-cache.mts";

export interface Child {
  readonly pid: number | undefined;
  /** Resolves with the exit code (or -1 for a signal) after the last line of output has been handled. */
  readonly ended: Promise<number>;
  kill(): Promise<number>;
}

const running = new Set<ChildProcess>();

/** However this process ends, save by SIGKILL, no program and no provider outlives it. */
process.on("exit", () => {
  for (const child of running) killGroup(child);
});

const PRELOADED = ["--require", join(import.meta.dirname, "defer-unused.cts")];

/** Runs a script of the SDK with this very Node, in a process group of its own so that a Ctrl-C reaches only the engine. */
export function runNode(
  script: string,
  args: readonly string[],
  options: {
    cwd: string;
    env: NodeJS.ProcessEnv;
    onLine: (line: string, stream: "stdout" | "stderr") => void;
    /** Loads all that the SDK loads, as under the Pulumi CLI. */
    whole?: boolean;
  },
): Child {
  const preloaded = options.whole ? [] : PRELOADED;
  const child = spawn(process.execPath, [...preloaded, script, ...args], {
    cwd: options.cwd,
    env: { ...COMPILE_CACHE, ...process.env, ...options.env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  createInterface(child.stdout).on("line", (line) => options.onLine(line, "stdout"));
  createInterface(child.stderr).on("line", (line) => options.onLine(line, "stderr"));
  const ended = new Promise<number>((resolve) => {
    child.on("close", (code) => {
      running.delete(child);
      resolve(code ?? -1);
    });
  });
  return {
    pid: child.pid,
    ended,
    kill: () => {
      killGroup(child);
      return ended;
    },
  };
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has already ended.
  }
}
