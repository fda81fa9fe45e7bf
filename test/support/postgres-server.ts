import type { TestProject } from "vitest/node";
import { startPostgres } from "../../tools/postgres/server.mts";
import { orEnd } from "./or-end";

declare module "vitest" {
  export interface ProvidedContext {
    /** The real PostgreSQL of this run. */
    postgres: { readonly url: string; readonly port: number; readonly logFile: string };
  }
}

/** One server for all files of a project's run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await orEnd(startPostgres());
  project.provide("postgres", { url: server.url, port: server.port, logFile: server.logFile });
  return server.stop;
}
