import { limiter } from "./limit.mts";
import { startMonitor } from "./monitor.mts";
import { diffMaps, diffRedacted, type ObjectDiff } from "./object-diff.mts";
import { PARALLEL, type Phase } from "./phase.mts";
import { InitFailed, type Provider } from "./providers/provider.mts";
import { record } from "./report.mts";
import type { ResourceState } from "./state/resource-state.mts";
import { openProviders } from "./update.mts";

/** Reads every resource and records what is found; providers are configured as recorded, the program does not run. */
export async function refresh(phase: Phase): Promise<void> {
  const monitor = await startMonitor(phase);
  const providers = openProviders(phase, monitor.address);
  const limit = limiter(PARALLEL);
  try {
    await Promise.all(
      phase.snapshot.old.map((state) =>
        limit(async () => {
          if (phase.interrupt.aborted) return;
          // Components and providers have no counterpart in the world that could have changed.
          if (state.provider === "" || state.delete) record(phase.report, "same", state);
          else await refreshOne(state, providers.get(state.provider), phase);
        }),
      ),
    );
  } finally {
    phase.snapshot.save();
    await providers.close();
    monitor.close();
  }
}

async function refreshOne(
  recorded: ResourceState,
  provider: Provider,
  { snapshot, report }: Phase,
): Promise<void> {
  try {
    const found = await read(provider, recorded);
    if (!found) {
      snapshot.swap(recorded);
      record(report, "delete", recorded);
      return;
    }
    const diff = await drift(provider, recorded, found);
    const state = diff ? { ...found, modified: new Date().toISOString() } : found;
    snapshot.swap(recorded, state);
    if (diff) record(report, "update", state, { diff });
    else record(report, "same", state);
  } catch (error) {
    report.failed = true;
    report.diagnostics.add(recorded.urn, "error", (error as Error).message);
  }
}

async function read(provider: Provider, recorded: ResourceState): Promise<ResourceState | undefined> {
  try {
    const found = await provider.read(recorded);
    return found && { ...recorded, inputs: recorded.inputs, ...found, initErrors: [] };
  } catch (error) {
    if (!(error instanceof InitFailed)) throw error;
    return { ...recorded, id: error.id, outputs: error.outputs, initErrors: error.reasons };
  }
}

/** Undefined if the provider sees no drift: the reading is recorded all the same, but counts as unchanged. */
async function drift(
  provider: Provider,
  recorded: ResourceState,
  found: ResourceState,
): Promise<ObjectDiff | undefined> {
  // As if what was found were to be updated to the recorded inputs: the diff is the way back.
  const { changes } = await provider.diff(found, recorded.inputs);
  if (changes === "none") return undefined;
  if (changes === "some") return diffRedacted(recorded.outputs, found.outputs);
  const own = diffMaps(recorded.inputs, found.inputs);
  return own.size > 0 ? own : undefined;
}
