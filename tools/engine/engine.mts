import { join } from "node:path";
import { findPulumiCli } from "../pulumi-cli/find.mts";
import { troubleWithPulumi } from "../pulumi-cli/on-path.mts";

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

/** @param patience in seconds, for the CLI on PATH to start */
export async function chooseEngine(env: NodeJS.ProcessEnv, patience?: number): Promise<Engine> {
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
