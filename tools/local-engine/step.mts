import type { ObjectDiff } from "./object-diff.mts";
import type { ResourceState } from "./state/resource-state.mts";

/** What is to be done with one resource; `diff` is what a preview may show of it. */
export type Step =
  | { readonly op: "same"; readonly old: ResourceState; readonly fresh: ResourceState }
  | { readonly op: "create"; readonly fresh: ResourceState }
  | {
      readonly op: "update";
      readonly old: ResourceState;
      readonly fresh: ResourceState;
      readonly diff: ObjectDiff;
    }
  | {
      readonly op: "replace";
      readonly old: ResourceState;
      readonly fresh: ResourceState;
      readonly diff: ObjectDiff;
      readonly deleteFirst: boolean;
    };

export type Operation = Step["op"] | "delete";
