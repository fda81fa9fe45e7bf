import type { TestProject } from "vitest/node";
import { UserError } from "../../tools/local-engine/user-error.mts";
import { startPostgres } from "../../tools/postgres/server.mts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The real PostgreSQL of this run. */
    postgres: { readonly url: string; readonly port: number; readonly logFile: string };
  }
}

/** One server for all files of a project's run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres().catch(sayAndEnd);
  project.provide("postgres", { url: server.url, port: server.port, logFile: server.logFile });
  return server.stop;
}

/** The sentence alone: vitest would put around it that it found no tests. */
function sayAndEnd(error: unknown): never {
  if (!(error instanceof UserError)) throw error;
  console.error(`No test was run: ${error.message}.`);
  process.exit(1);
}
