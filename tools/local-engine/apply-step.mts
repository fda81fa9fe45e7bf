import { markSecretOutputs } from "./providers/annotate.mts";
import { InitFailed, type Provider } from "./providers/provider.mts";
import type { ResourceState } from "./state/resource-state.mts";
import type { Snapshot } from "./state/snapshot.mts";
import type { Step } from "./step.mts";

/** What a preview expects: without the provider's help, the inputs are all that is known of the outputs. */
export async function previewStep(step: Step, provider: Provider): Promise<ResourceState> {
  const { fresh } = step;
  if (step.op === "same") return fresh;
  const isNew = step.op !== "update";
  const outputs =
    isNew && provider.supportsPreview
      ? (await provider.create(fresh.urn, fresh.inputs, true)).outputs
      : fresh.inputs;
  return { ...fresh, outputs: markSecretOutputs(outputs, fresh.additionalSecretOutputs) };
}

/** Carries a step out, each provider call between two checkpoints; resolves with what is now recorded. */
export async function applyStep(step: Step, provider: Provider, snapshot: Snapshot): Promise<ResourceState> {
  switch (step.op) {
    case "same":
      snapshot.settle(step.fresh, step.old);
      return step.fresh;
    case "create":
      return await create(step.fresh, provider, snapshot, (created) => snapshot.settle(created));
    case "update":
      return await update(step.old, step.fresh, provider, snapshot);
    case "replace": {
      const { old } = step;
      if (step.deleteFirst || old.pendingReplacement) {
        const gone = old.pendingReplacement ? old : await deleteFirst(old, provider, snapshot);
        return await create(step.fresh, provider, snapshot, (created) => snapshot.settle(created, gone));
      }
      return await create(step.fresh, provider, snapshot, (created) => {
        snapshot.swap(old, { ...old, delete: true });
        snapshot.settle(created);
      });
    }
  }
}

/** `record` puts what was created into the snapshot, whole or in part; a resource that failed outright leaves nothing. */
async function create(
  fresh: ResourceState,
  provider: Provider,
  snapshot: Snapshot,
  record: (created: ResourceState) => void,
): Promise<ResourceState> {
  const operation = snapshot.begin("creating", fresh);
  try {
    const { id, outputs } = await provider.create(fresh.urn, fresh.inputs, false);
    const created = { ...fresh, id, outputs: markSecretOutputs(outputs, fresh.additionalSecretOutputs) };
    snapshot.end(operation, () => record(created));
    return created;
  } catch (error) {
    snapshot.end(operation, () => {
      if (!(error instanceof InitFailed)) return;
      const outputs = markSecretOutputs(error.outputs, fresh.additionalSecretOutputs);
      record({ ...fresh, id: error.id, outputs, initErrors: error.reasons });
    });
    throw error;
  }
}

async function update(
  old: ResourceState,
  fresh: ResourceState,
  provider: Provider,
  snapshot: Snapshot,
): Promise<ResourceState> {
  const operation = snapshot.begin("updating", fresh);
  try {
    const { outputs } = await provider.update(old, fresh.inputs);
    const updated = { ...fresh, outputs: markSecretOutputs(outputs, fresh.additionalSecretOutputs) };
    snapshot.end(operation, () => snapshot.settle(updated, old));
    return updated;
  } catch (error) {
    snapshot.end(operation, () => {
      if (!(error instanceof InitFailed)) return;
      // The old inputs stay, so that the next run sees what is still to be done.
      const outputs = markSecretOutputs(error.outputs, fresh.additionalSecretOutputs);
      snapshot.settle({ ...old, outputs, initErrors: error.reasons }, old);
    });
    throw error;
  }
}

async function deleteFirst(
  old: ResourceState,
  provider: Provider,
  snapshot: Snapshot,
): Promise<ResourceState> {
  const operation = snapshot.begin("deleting", old);
  try {
    if (!old.retainOnDelete) await provider.delete(old);
  } catch (error) {
    snapshot.end(operation);
    throw error;
  }
  const gone = { ...old, pendingReplacement: true };
  snapshot.end(operation, () => snapshot.swap(old, gone));
  return gone;
}
