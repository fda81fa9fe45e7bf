import type { TestProject } from "vitest/node";
import { type Engine, realEngine } from "../../tools/engine/engine.mts";
import { orEnd } from "./or-end";

declare module "vitest" {
  export interface ProvidedContext {
    /** The real Pulumi CLI. */
    engine: Engine;
  }
}

/** Without it there is no test of a deployment: that is said, nothing is skipped. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide("engine", await orEnd(realEngine()));
}
