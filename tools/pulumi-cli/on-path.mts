import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Why the `pulumi` on PATH cannot run a Node program, or `undefined` if it can.
 *
 * @param patience in seconds: a busy machine takes its time to start a program of 170 MB
 */
export async function troubleWithPulumi(env: NodeJS.ProcessEnv, patience = 20): Promise<string | undefined> {
  const child = spawn("pulumi", ["version"], {
    env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    stdio: "ignore",
    // A process group, so that what it has started ends with it.
    detached: true,
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has just ended.
    }
  }, patience * 1000);
  try {
    const [code, signal] = await once(child, "close");
    if (code !== 0)
      return unusable(late ? `no answer in ${patience} seconds` : `ended with ${code ?? signal}`);
    // The release's archive has it; a build of the Go module alone, or a distribution's package, may not.
    return isOnPath("pulumi-language-nodejs", env)
      ? undefined
      : "The Pulumi CLI on PATH lacks its pulumi-language-nodejs";
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? "There is no Pulumi CLI on PATH" : unusable(code);
  } finally {
    clearTimeout(timer);
  }
}

function isOnPath(program: string, { PATH = "" }: NodeJS.ProcessEnv): boolean {
  return PATH.split(delimiter).some((folder) => existsSync(join(folder, program)));
}

function unusable(what: string): string {
  return `There is no Pulumi CLI on PATH that can be used (\`pulumi version\`: ${what})`;
}
