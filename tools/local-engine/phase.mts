import type { Project } from "./project.mts";
import type { Report } from "./report.mts";
import type { Sdk } from "./sdk.mts";
import type { Snapshot } from "./state/snapshot.mts";
import type { PropertyMap } from "./value.mts";

/** All that one preview, update, refresh or destroy needs to know. */
export interface Phase {
  readonly project: Project;
  readonly stack: string;
  /** The stack's configuration, secrets marked. */
  readonly config: PropertyMap;
  readonly sdk: Sdk;
  readonly snapshot: Snapshot;
  readonly report: Report;
  /** Whether the debug messages of the SDK are shown. */
  readonly debug: boolean;
  /** Aborted by the first Ctrl-C: nothing new is started, what runs is waited for. */
  readonly interrupt: AbortSignal;
}

/** How many operations may run at a time. */
export const PARALLEL = 8;
