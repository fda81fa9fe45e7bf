import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** What runs Pulumi programs here: `pulumi` itself, or our stand-in where it is not installed. Both take the same arguments. */
export interface Engine {
  readonly name: "pulumi" | "local-engine";
  readonly command: string;
  readonly firstArguments: readonly string[];
}

export function findEngine(): Engine {
  const pulumi = spawnSync("pulumi", ["version"], { stdio: "ignore" });
  if (pulumi.status === 0) return { name: "pulumi", command: "pulumi", firstArguments: [] };
  const main = join(import.meta.dirname, "../local-engine/main.mts");
  return { name: "local-engine", command: process.execPath, firstArguments: [main] };
}
