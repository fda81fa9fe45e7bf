import { configSet, configSetSecret } from "../engine/config-set.mts";
import { realEngine } from "../engine/engine.mts";
import { createProject } from "../engine/project.mts";
import { timed } from "./lifecycle.mts";
import type { Options } from "./options.mts";
import { row, seconds, text, title, whole } from "./print.mts";
import { SERVERS } from "./servers.mts";

const UP = ["up", "--yes", "--skip-preview"];

const COMMANDS = [
  { name: "up", args: UP },
  { name: "up, nothing to do", args: UP },
  { name: "destroy", args: ["destroy", "--yes", "--skip-preview"] },
] as const;

/** Whole deployments of a set, as a user waits for them. */
export async function benchDeployment({ users }: Options, interrupted: AbortSignal): Promise<void> {
  const [kind] = SERVERS;
  if (kind === undefined) return;
  title(`Whole commands: ${whole(users)} users as one ScramUserSet on ${kind.name}`);
  const engine = await realEngine();
  text(engine.choice);
  const project = createProject(engine, { ".": { copy: "tools/bench/program" } });
  const stop = () => void project.remove();
  interrupted.addEventListener("abort", stop);
  const server = await kind.start();
  const pulumi = async (args: readonly string[]) => {
    interrupted.throwIfAborted();
    const { code, output } = await project.run(args);
    interrupted.throwIfAborted();
    if (code !== 0) throw new Error(`pulumi ${args[0]} ended with ${code}:\n${output}`);
  };
  try {
    await pulumi(["stack", "init", "bench"]);
    await pulumi(configSetSecret("scram:connection", server.url));
    await pulumi(configSet("users", String(users)));
    row("", ["seconds"]);
    for (const { name, args } of COMMANDS) {
      const [ms] = await timed(() => pulumi(args));
      row(name, [seconds(ms)]);
    }
  } finally {
    interrupted.removeEventListener("abort", stop);
    await project.remove();
    await server.stop();
  }
}
