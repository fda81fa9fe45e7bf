import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Bytes in physical memory. */
export interface Memory {
  readonly now: number;
  /** The most so far; `undefined` where the system does not tell. */
  readonly peak: number | undefined;
}

export function memoryOf(pid: number): Memory {
  if (process.platform === "linux") {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return {
      now: kibibytes(status, /^VmRSS:\s+(\d+) kB$/m),
      peak: kibibytes(status, /^VmHWM:\s+(\d+) kB$/m),
    };
  }
  const rss = execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" });
  return { now: kibibytes(rss, /(\d+)/), peak: undefined };
}

function kibibytes(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error("the system does not tell how much memory a process has");
  return Number(found) * 1024;
}
