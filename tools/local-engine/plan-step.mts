import type { Goal } from "./goal.mts";
import { diffMaps, diffRedacted, type ObjectDiff } from "./object-diff.mts";
import { ignoreChanges, touches } from "./property-path.mts";
import type { CheckFailure, Provider, ProviderDiff } from "./providers/provider.mts";
import type { ResourceState } from "./state/resource-state.mts";
import type { Step } from "./step.mts";
import { isDefaultProvider, nameOf, providerUrn } from "./urn.mts";
import { UserError } from "./user-error.mts";
import { isSecret, type PropertyMap, type Value } from "./value.mts";

/** Check, diff, and for a replacement check again: the decision what to do, the same in a preview and in an update. */
export async function planStep(
  goal: Goal,
  providerReference: string,
  provider: Provider,
  old: ResourceState | undefined,
): Promise<Step> {
  const news = old ? ignoreChanges(goal.inputs, old.inputs, goal.ignoreChanges) : goal.inputs;
  const inputs = await check(provider, goal, old?.inputs ?? {}, news);
  if (!old) return { op: "create", fresh: freshState(goal, providerReference, inputs) };

  const fresh = freshState(goal, providerReference, inputs, old);
  const { changed, diff, replace, deleteFirst } = await decide(goal, fresh, provider, old);
  if (replace || old.pendingReplacement) {
    if (old.protect && !old.pendingReplacement) {
      throw new UserError(
        `unable to replace resource "${old.urn}" as it is currently marked for protection. ` +
          "To unprotect the resource, remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`",
      );
    }
    // The replacement is a new resource, so it is checked without any past, and with the program's own inputs.
    const newInputs = await check(provider, goal, {}, goal.inputs);
    const replacement = freshState(goal, providerReference, newInputs);
    return { op: "replace", old, fresh: replacement, diff: diff(newInputs), deleteFirst };
  }
  // Initialisation that failed is tried again, whether or not anything changed.
  if (changed || old.initErrors.length > 0) return { op: "update", old, fresh, diff: diff(inputs) };
  return { op: "same", old, fresh: { ...fresh, outputs: old.outputs, modified: old.modified } };
}

/** Another provider instance means another place, so the resource is made anew there; versions of a default do not. */
function movedProvider(old: ResourceState, reference: string): boolean {
  const [was, now] = [providerUrn(old.provider), providerUrn(reference)];
  return was !== now && !(isDefaultProvider(was) && isDefaultProvider(now));
}

async function check(
  provider: Provider,
  goal: Goal,
  olds: PropertyMap,
  news: PropertyMap,
): Promise<PropertyMap> {
  const { inputs, failures } = await provider.check(goal.urn, olds, news);
  if (failures.length > 0) throw new CheckFailed(goal, news, failures);
  return inputs;
}

async function decide(goal: Goal, fresh: ResourceState, provider: Provider, old: ResourceState) {
  const { inputs } = fresh;
  const answer: ProviderDiff = movedProvider(old, fresh.provider)
    ? { changes: "some", replaces: ["provider"], deleteBeforeReplace: false }
    : await provider.diff(old, inputs);
  const deleteFirst = goal.deleteBeforeReplace ?? answer.deleteBeforeReplace;
  if (answer.changes !== "unknown") {
    const changed = answer.changes === "some";
    const diff = (now: PropertyMap): ObjectDiff => diffRedacted(old.inputs, now);
    return { changed, diff, replace: changed && answer.replaces.length > 0, deleteFirst };
  }
  // The provider left it open: the engine compares the inputs itself, secrets included.
  const own = diffMaps(old.inputs, ignoreChanges(inputs, old.inputs, goal.ignoreChanges));
  const changed = own.size > 0;
  const forced = goal.replaceOnChanges.some((path) => touches(own, path));
  return {
    changed,
    diff: () => own,
    replace: changed && (answer.replaces.length > 0 || forced),
    deleteFirst,
  };
}

export function freshState(
  goal: Goal,
  provider: string,
  inputs: PropertyMap,
  old?: ResourceState,
): ResourceState {
  const now = new Date().toISOString();
  return {
    urn: goal.urn,
    type: goal.type,
    custom: goal.custom,
    id: old?.id ?? "",
    inputs,
    outputs: {},
    parent: goal.parent,
    provider,
    dependencies: goal.dependencies,
    propertyDependencies: goal.propertyDependencies,
    additionalSecretOutputs: goal.additionalSecretOutputs,
    initErrors: [],
    protect: goal.protect,
    retainOnDelete: goal.retainOnDelete,
    delete: false,
    pendingReplacement: false,
    created: old?.created ?? now,
    modified: now,
  };
}

/** The message of Pulumi, with its leak: a failure that names a property prints the value, secret or not. */
export class CheckFailed extends UserError {
  constructor(goal: Goal, news: PropertyMap, failures: readonly CheckFailure[]) {
    const messages = failures.map(({ property, reason }) => {
      const place = property === "" ? "" : `: property ${property} value ${goValue(news[property])}`;
      return `${goal.type} resource '${nameOf(goal.urn)}'${place} has a problem: ${reason}`;
    });
    super(messages.join("\n"));
  }
}

/** A value as Go prints the engine's wrapping of it. */
function goValue(value: Value | undefined): string {
  if (isSecret(value)) return `{&{${goValue(value.value)}}}`;
  if (value === undefined || value === null) return "{<nil>}";
  return `{${typeof value === "object" ? JSON.stringify(value) : value}}`;
}
