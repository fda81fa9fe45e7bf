import type { Arguments } from "../arguments.mts";
import { destroy } from "../destroy.mts";
import { Diagnostics } from "../display/diagnostics.mts";
import { hasChanges, heading, showReport } from "../display/show-report.mts";
import type { Phase } from "../phase.mts";
import { refresh } from "../refresh.mts";
import type { Report } from "../report.mts";
import { loadSdk, type Sdk } from "../sdk.mts";
import { openStack, openWorkspace, type Stack } from "../stack.mts";
import { openSnapshot } from "../state/snapshot.mts";
import { readStack, writeStack } from "../state/stack-file.mts";
import { readConfig } from "../state/stack-settings.mts";
import { update } from "../update.mts";
import { makeUrn, STACK_TYPE } from "../urn.mts";
import { CHANGES_FOUND, UserError } from "../user-error.mts";
import { isSecret } from "../value.mts";

const RUN = { update, refresh, destroy };

export async function preview(args: Arguments): Promise<string> {
  const opened = await openForOperation(args);
  const report = await runPhase(opened, args, "update", true);
  if (args.flags.has("--expect-no-changes") && hasChanges(report)) {
    throw new UserError("no changes were expected but changes were proposed", CHANGES_FOUND);
  }
  return "";
}

/** `up`, `refresh` and `destroy`: a preview first, then the thing itself. */
export async function operate(args: Arguments, kind: Report["kind"]): Promise<string> {
  const { flags } = args;
  if (!flags.has("--yes") && !flags.has("--skip-preview")) {
    throw new UserError(
      "--yes or --skip-preview must be passed in to proceed when running in non-interactive mode",
    );
  }
  const opened = await openForOperation(args);
  if (!flags.has("--skip-preview")) await runPhase(opened, args, kind, true);
  await runPhase(opened, args, kind, false);
  if (kind !== "destroy") return "";
  return `The resources in the stack have been deleted. To remove the stack too, run \`stack rm ${opened.stack.name} --yes\`.`;
}

interface Opened {
  readonly stack: Stack;
  readonly sdk: Sdk;
}

/** Loads the SDK while the key is being derived from the passphrase; each takes a noticeable part of a second. */
async function openForOperation(args: Arguments): Promise<Opened> {
  const stack = openStack(args);
  const sdk = loadSdk(openWorkspace(args).project.directory);
  return { stack: await stack, sdk };
}

async function runPhase(
  { stack, sdk }: Opened,
  args: Arguments,
  kind: Report["kind"],
  preview: boolean,
): Promise<Report> {
  const { project, backend, name, crypter, settings } = stack;
  const config = readConfig(settings, project, crypter);
  const secrets = Object.values(config).flatMap((value) => (isSecret(value) ? [String(value.value)] : []));
  const stackUrn = makeUrn(name, project.name, "", STACK_TYPE, `${project.name}-${name}`);
  const report: Report = {
    kind,
    preview,
    rows: [],
    diagnostics: new Diagnostics(stackUrn, secrets),
    started: Date.now(),
    failed: false,
  };
  const latest = readStack(backend, project.name, name);
  const save = preview
    ? undefined
    : (written: typeof latest) => writeStack(backend, project.name, name, written);
  const interrupt = interruptSignal();
  const phase: Phase = {
    project,
    stack: name,
    config,
    sdk,
    snapshot: openSnapshot(latest, crypter, save),
    report,
    debug: args.flags.has("--debug"),
    interrupt: interrupt.signal,
  };
  console.log(`${heading(report, name)}\n`);
  try {
    await RUN[kind](phase);
  } finally {
    interrupt.forget();
  }
  const verdict = `${preview ? "preview" : kind} ${interrupt.signal.aborted ? "canceled" : "failed"}`;
  if (report.failed || interrupt.signal.aborted) report.diagnostics.add("", "error", verdict);
  console.log(showReport(report, args.flags.has("--diff")));
  if (report.failed || interrupt.signal.aborted) throw new UserError(verdict);
  return report;
}

/** The first Ctrl-C asks to stop after what is running; the next one ends the process, as does SIGTERM. */
function interruptSignal(): { signal: AbortSignal; forget: () => void } {
  const controller = new AbortController();
  const onInterrupt = () => {
    if (controller.signal.aborted) process.exit(130);
    console.error("^C received; cancelling. To terminate at once, press ^C again.");
    controller.abort();
  };
  process.on("SIGINT", onInterrupt);
  return { signal: controller.signal, forget: () => process.off("SIGINT", onInterrupt) };
}
