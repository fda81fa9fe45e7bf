import { homedir } from "node:os";
import { join } from "node:path";

/** For what is made or downloaded once a machine, outside of the checkout. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pulumi-scram");
}
