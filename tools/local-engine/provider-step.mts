import { randomUUID } from "node:crypto";
import type { Goal } from "./goal.mts";
import { diffMaps } from "./object-diff.mts";
import type { Phase } from "./phase.mts";
import { freshState } from "./plan-step.mts";
import { DYNAMIC_PACKAGE } from "./providers/provider-pool.mts";
import type { ResourceState } from "./state/resource-state.mts";
import type { Step } from "./step.mts";
import { makeUrn, PROVIDER_PREFIX, packageOf } from "./urn.mts";
import { UNKNOWN } from "./value.mts";

const NO_OPTIONS: Omit<Goal, "urn" | "type" | "inputs"> = {
  custom: true,
  parent: "",
  provider: "",
  version: "",
  dependencies: [],
  propertyDependencies: {},
  additionalSecretOutputs: [],
  ignoreChanges: [],
  replaceOnChanges: [],
  deleteBeforeReplace: undefined,
  protect: false,
  retainOnDelete: false,
  aliases: [],
};

/** The provider of a package for resources that name none; `pulumi-nodejs` gets the whole stack configuration. */
export function defaultProviderGoal({ type, version }: Goal, { stack, project, config }: Phase): Goal {
  const pkg = packageOf(type);
  const name = version ? `default_${version.replaceAll(".", "_")}` : "default";
  return {
    ...NO_OPTIONS,
    urn: makeUrn(stack, project.name, "", `${PROVIDER_PREFIX}${pkg}`, name),
    type: `${PROVIDER_PREFIX}${pkg}`,
    inputs: pkg === DYNAMIC_PACKAGE ? config : version ? { version } : {},
  };
}

/** Providers exist in the state only. A new configuration is an update and leaves the provider's resources alone. */
export function providerStep(goal: Goal, old: ResourceState | undefined, preview: boolean): Step {
  const fresh = { ...freshState(goal, "", goal.inputs, old), outputs: goal.inputs };
  if (!old) return { op: "create", fresh: { ...fresh, id: preview ? UNKNOWN : randomUUID() } };
  const diff = diffMaps(old.inputs, goal.inputs);
  if (diff.size === 0) return { op: "same", old, fresh: { ...fresh, modified: old.modified } };
  return { op: "update", old, fresh, diff };
}
