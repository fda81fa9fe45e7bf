import { spawnSync } from "node:child_process";
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
    const { stdout } = spawnSync("ps", ["-ww", "-o", "args=", "-p", pid], { encoding: "utf8" });
    // The id may be another process's by now.
    if (stdout.includes(`-D ${data}`)) process.kill(Number(pid), "SIGQUIT");
  } catch {
    // No server, or none that can be found.
  }
}
