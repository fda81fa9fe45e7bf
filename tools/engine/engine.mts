import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { findPulumiCli } from "../pulumi-cli/find.mts";

/** What runs Pulumi programs here: `pulumi` itself, or our stand-in where it does not start. Both take the same arguments. */
export interface Engine {
  readonly name: "pulumi" | "local-engine";
  /** A sentence: which one, and why. */
  readonly choice: string;
  readonly command: string;
  readonly firstArguments: readonly string[];
  /** Folders that come first on its PATH. */
  readonly path: readonly string[];
}

/** The real CLI and nothing else, built from its Go module if need be. */
export async function realEngine(): Promise<Engine> {
  const cli = await findPulumiCli(console.log);
  const choice = `Using the Pulumi CLI (${cli.command}), with a temporary backend: your login and stacks are not touched.`;
  return { ...cli, name: "pulumi", choice, firstArguments: [] };
}

/** @param patience in seconds: a busy machine takes its time to start a program of 170 MB */
export async function chooseEngine(env: NodeJS.ProcessEnv, patience = 20): Promise<Engine> {
  const trouble = await troubleWithPulumi(env, patience);
  if (trouble === undefined) {
    return {
      name: "pulumi",
      choice:
        "Using the Pulumi CLI on PATH, with a temporary backend: your login and stacks are not touched.",
      command: "pulumi",
      firstArguments: [],
      path: [],
    };
  }
  return {
    name: "local-engine",
    choice: `${trouble}: a small stand-in (tools/local-engine) drives the same SDK and provider.`,
    command: process.execPath,
    firstArguments: [join(import.meta.dirname, "../local-engine/main.mts")],
    path: [],
  };
}

async function troubleWithPulumi(env: NodeJS.ProcessEnv, patience: number): Promise<string | undefined> {
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
    if (code === 0) return undefined;
    return unusable(late ? `no answer in ${patience} seconds` : `ended with ${code ?? signal}`);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? "There is no Pulumi CLI on PATH" : unusable(code);
  } finally {
    clearTimeout(timer);
  }
}

function unusable(what: string): string {
  return `There is no Pulumi CLI on PATH that can be used (\`pulumi version\`: ${what})`;
}
