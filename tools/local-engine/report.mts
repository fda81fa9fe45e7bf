import type { Diagnostics } from "./display/diagnostics.mts";
import type { ObjectDiff } from "./object-diff.mts";
import type { ResourceState } from "./state/resource-state.mts";
import type { Operation } from "./step.mts";
import { isDefaultProvider } from "./urn.mts";
import type { PropertyMap } from "./value.mts";

export interface Row {
  readonly op: Operation;
  readonly state: ResourceState;
  readonly diff: ObjectDiff;
  readonly failed: boolean;
  readonly seconds: number;
}

/** What one phase (a preview, an update, a refresh, a destroy) did or would do. */
export interface Report {
  readonly kind: "update" | "refresh" | "destroy";
  readonly preview: boolean;
  readonly rows: Row[];
  readonly diagnostics: Diagnostics;
  readonly started: number;
  failed: boolean;
  outputs?: { readonly was: PropertyMap; readonly now: PropertyMap };
}

const NO_DIFF: ObjectDiff = new Map();

/** Default providers are the engine's own affair and neither shown nor counted. */
export function record(report: Report, op: Operation, state: ResourceState, extra: Partial<Row> = {}): void {
  if (isDefaultProvider(state.urn)) return;
  report.rows.push({ op, state, diff: NO_DIFF, failed: false, seconds: 0, ...extra });
}

/** Every row but the unchanged ones. */
export const changesOf = (report: Report): Row[] => report.rows.filter((row) => row.op !== "same");
