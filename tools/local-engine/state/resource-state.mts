import type { PropertyMap } from "../value.mts";

/** A resource as recorded. Never changed in place: a new step makes a new object. */
export interface ResourceState {
  readonly urn: string;
  readonly type: string;
  /** False for a component, which has no provider and no id. */
  readonly custom: boolean;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
  readonly parent: string;
  readonly provider: string;
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly additionalSecretOutputs: readonly string[];
  readonly initErrors: readonly string[];
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  /** Replaced, and still to be deleted. */
  readonly delete: boolean;
  /** Deleted in order to be replaced; the replacement does not exist yet. */
  readonly pendingReplacement: boolean;
  readonly created: string;
  readonly modified: string;
}

export type OperationType = "creating" | "updating" | "deleting";

/** Written before an operation starts and taken out when it ends: what a kill leaves behind. */
export interface PendingOperation {
  readonly type: OperationType;
  readonly resource: ResourceState;
}

/** Everything that must outlive the resource: the reverse of this is the order of deletion. */
export const requiredBy = (state: ResourceState): readonly string[] => [
  ...state.dependencies,
  ...Object.values(state.propertyDependencies).flat(),
  state.parent,
  state.provider.slice(0, Math.max(0, state.provider.lastIndexOf("::"))),
];
