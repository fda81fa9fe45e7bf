import { limiter } from "./limit.mts";
import { PARALLEL, type Phase } from "./phase.mts";
import type { ProviderPool } from "./providers/provider-pool.mts";
import { type Row, record } from "./report.mts";
import { type ResourceState, requiredBy } from "./state/resource-state.mts";

/** Deletes resources, each after everything that depends on it; what a failed deletion depends on is left alone. */
export async function deleteResources(
  condemned: readonly ResourceState[],
  phase: Phase,
  providers: ProviderPool,
): Promise<void> {
  if (refuseProtected(condemned, phase)) return;
  const limit = limiter(PARALLEL);
  const outcomes = new Map<ResourceState, Promise<boolean>>();
  // Last in the state, first to go: so the outcomes of all dependents are there when a resource comes up.
  for (const state of condemned.toReversed()) {
    const dependents = condemned.filter((other) => other !== state && requiredBy(other).includes(state.urn));
    const earlier = Promise.all(dependents.map((dependent) => outcomes.get(dependent) ?? true));
    outcomes.set(
      state,
      earlier.then(
        (gone) =>
          gone.every(Boolean) && !phase.interrupt.aborted && limit(() => deleteOne(state, phase, providers)),
      ),
    );
  }
  await Promise.all(outcomes.values());
}

function refuseProtected(condemned: readonly ResourceState[], { report }: Phase): boolean {
  const kept = condemned.filter((state) => state.protect && !state.pendingReplacement);
  for (const { urn } of kept) {
    report.failed = true;
    report.diagnostics.add(
      urn,
      "error",
      `resource "${urn}" cannot be deleted because it is protected. To unprotect the resource, remove the ` +
        "`protect` flag from the resource in your Pulumi program and run `pulumi up`",
    );
  }
  return kept.length > 0;
}

async function deleteOne(state: ResourceState, phase: Phase, providers: ProviderPool): Promise<boolean> {
  const { snapshot, report } = phase;
  // The end of a replacement is part of the replacement's own row.
  const row = (extra: Partial<Row>) => {
    if (!state.delete || extra.failed) record(report, "delete", state, extra);
  };
  if (report.preview) {
    row({});
    return true;
  }
  const started = Date.now();
  const operation = snapshot.begin("deleting", state);
  // Components and providers exist in the state only, a pending replacement no longer exists at all.
  const real = state.provider !== "" && !state.retainOnDelete && !state.pendingReplacement;
  try {
    if (real) await providers.get(state.provider).delete(state);
  } catch (error) {
    snapshot.end(operation);
    report.failed = true;
    report.diagnostics.add(state.urn, "error", (error as Error).message);
    row({ failed: true });
    return false;
  }
  snapshot.end(operation, () => snapshot.swap(state));
  row({ seconds: (Date.now() - started) / 1000 });
  return true;
}
