import { deleteResources } from "./deletions.mts";
import { Deployment } from "./deployment.mts";
import { startMonitor } from "./monitor.mts";
import type { Phase } from "./phase.mts";
import { ALREADY_LOGGED, startProgram } from "./program.mts";
import { ProviderPool } from "./providers/provider-pool.mts";
import { STACK_TYPE } from "./urn.mts";

/** `preview` and `up`: runs the program, carries out what it registers, deletes what it no longer declares. */
export async function update(phase: Phase): Promise<void> {
  const { report, snapshot } = phase;
  warnOfInterrupted(phase);
  let deployment: Deployment | undefined;
  const monitor = await startMonitor(phase, () => deployment as Deployment);
  const providers = openProviders(phase, monitor.address);
  deployment = new Deployment(phase, providers);
  const program = startProgram(phase, monitor.address);
  try {
    providers.warm();
    const outcome = await Promise.race([program.ended, deployment.over]);
    if (outcome === undefined) await program.kill();
    else if (outcome !== 0) {
      report.failed = true;
      if (outcome !== ALREADY_LOGGED) {
        report.diagnostics.add("", "error", `Program exited with non-zero exit code: ${outcome}`);
      }
    }
    // An operation may still run when the program has given up.
    deployment.abort();
    await deployment.over;
    if (!report.failed && !phase.interrupt.aborted) await deleteResources(snapshot.old, phase, providers);
  } finally {
    await program.kill();
    snapshot.save();
    await providers.close();
    monitor.close();
  }
}

export function openProviders(phase: Phase, engineAddress: string): ProviderPool {
  const { sdk, project, stack, report, snapshot } = phase;
  const settings = {
    sdk,
    project: project.name,
    stack,
    directory: project.directory,
    engineAddress,
    onLine: (line: string) => report.diagnostics.add("", "info", line),
  };
  return new ProviderPool(settings, (urn) => snapshot.find([urn])?.inputs ?? {});
}

function warnOfInterrupted({ report, snapshot, stack, project }: Phase): void {
  if (snapshot.interrupted.length === 0) return;
  const operations = snapshot.interrupted.map(
    ({ type, resource }) => `  * ${resource.urn}, interrupted while ${type}`,
  );
  report.diagnostics.add(
    `urn:pulumi:${stack}::${project.name}::${STACK_TYPE}::${project.name}-${stack}`,
    "warning",
    `Attempting to deploy or update resources with ${operations.length} pending operations from previous deployment.\n` +
      `${operations.join("\n")}\nThese resources are in an unknown state because the Pulumi CLI was interrupted while ` +
      "waiting for changes to these resources to complete.",
  );
}
