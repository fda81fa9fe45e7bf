import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Stops the server whose data is in this folder, if one still runs. (One that is not found ends by itself, within a minute of
 * the removal of its data.)
 */
export function stopServerIn(folder: string): void {
  try {
    const data = join(folder, "data");
    const [pid = ""] = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
    // The id may be another process's by now.
    if (commandLine(pid).includes(`-D ${data}`)) process.kill(Number(pid), "SIGQUIT");
  } catch {
    // There is no server.
  }
}

function commandLine(pid: string): string {
  return process.platform === "linux"
    ? readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")
    : execFileSync("ps", ["-ww", "-o", "args=", "-p", pid], { encoding: "utf8" });
}
