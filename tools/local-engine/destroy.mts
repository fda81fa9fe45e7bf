import { deleteResources } from "./deletions.mts";
import { startMonitor } from "./monitor.mts";
import type { Phase } from "./phase.mts";
import { openProviders } from "./update.mts";

/** Deletes everything, with the configuration the providers were recorded with; the program does not run. */
export async function destroy(phase: Phase): Promise<void> {
  const monitor = await startMonitor(phase);
  const providers = openProviders(phase, monitor.address);
  try {
    await deleteResources(phase.snapshot.old, phase, providers);
  } finally {
    phase.snapshot.save();
    await providers.close();
    monitor.close();
  }
}
