import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface Child {
  readonly pid: number | undefined;
  /** Resolves with the exit status, or the signal, after the last line of output has been handled. */
  readonly ended: Promise<number | string>;
  kill(): Promise<unknown>;
}

const running = new Set<ChildProcess>();

/** However this process ends, save by SIGKILL, nothing that it started outlives it. */
process.on("exit", () => {
  for (const child of running) killGroup(child);
});

/** Runs a script with this very Node, in a process group of its own so that a Ctrl-C reaches only the engine. */
export function runNode(
  script: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; onLine: (line: string) => void },
): Child {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on("line", options.onLine);
  const ended = new Promise<number | string>((resolve) => {
    child.once("close", (code, signal) => {
      running.delete(child);
      resolve(code ?? signal ?? 0);
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
