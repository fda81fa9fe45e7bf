import { applyStep, previewStep } from "./apply-step.mts";
import type { Goal } from "./goal.mts";
import { limiter } from "./limit.mts";
import { PARALLEL, type Phase } from "./phase.mts";
import { CheckFailed, freshState, planStep } from "./plan-step.mts";
import { defaultProviderGoal, providerStep } from "./provider-step.mts";
import { type ProviderPool, requireKnownType } from "./providers/provider-pool.mts";
import { record } from "./report.mts";
import type { ResourceState } from "./state/resource-state.mts";
import type { Step } from "./step.mts";
import { PROVIDER_PREFIX, STACK_TYPE } from "./urn.mts";
import type { PropertyMap } from "./value.mts";

/** How long the program may take to register what does not depend on a failed resource. */
const GRACE_MILLISECONDS = 300;

/**
 * The registrations of one run of the program. Planning (check, diff) goes one resource at a time, as in Pulumi;
 * the operations themselves run side by side.
 */
export class Deployment {
  /** Resolves when, after a failure, nothing is running and nothing more can come. */
  readonly over: Promise<void>;
  readonly #phase: Phase;
  readonly #providers: ProviderPool;
  readonly #limit = limiter(PARALLEL);
  readonly #registered = new Set<string>();
  #planning: Promise<unknown> = Promise.resolve();
  #active = 0;
  #aborted = false;
  #end = () => {};
  #grace: NodeJS.Timeout | undefined;

  constructor(phase: Phase, providers: ProviderPool) {
    this.#phase = phase;
    this.#providers = providers;
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
    phase.interrupt.addEventListener("abort", () => this.abort());
  }

  /** Nothing new is started. */
  abort(): void {
    this.#aborted = true;
    this.#settle();
  }

  /**
   * Resolves with the state to tell the program. After a failure it stays pending: the program must neither go on
   * with the resource nor see an error that has already been reported here.
   */
  async register(goal: Goal): Promise<ResourceState> {
    if (this.#aborted) return new Promise(() => {});
    clearTimeout(this.#grace);
    this.#active++;
    try {
      const planned = this.#planning.then(() => this.#plan(goal));
      this.#planning = planned.catch(() => {});
      const { step, reference } = await planned;
      return await this.#limit(() => this.#carryOut(step, reference));
    } catch (error) {
      if (error !== STOPPED) this.#fail(goal, error as Error);
      return new Promise(() => {});
    } finally {
      this.#active--;
      this.#settle();
    }
  }

  registerOutputs(urn: string, outputs: PropertyMap): void {
    const { snapshot, report } = this.#phase;
    const state = snapshot.fresh(urn);
    if (!state) return;
    if (state.type === STACK_TYPE) report.outputs = { was: state.outputs, now: outputs };
    snapshot.settle({ ...state, outputs });
  }

  async #plan(goal: Goal): Promise<{ step: Step; reference: string }> {
    if (this.#aborted) throw STOPPED;
    if (this.#registered.has(goal.urn)) throw new Error(`Duplicate resource URN '${goal.urn}'`);
    this.#registered.add(goal.urn);
    const old = this.#phase.snapshot.find([goal.urn, ...goal.aliases]);
    if (!goal.custom) return { step: componentStep(goal, old), reference: "" };
    requireKnownType(goal.type);
    if (goal.type.startsWith(PROVIDER_PREFIX)) {
      this.#providers.configure(goal.urn, goal.inputs);
      return { step: providerStep(goal, old, this.#phase.report.preview), reference: "" };
    }
    const reference = goal.provider || this.#defaultProvider(goal);
    return { step: await planStep(goal, reference, this.#providers.get(reference), old), reference };
  }

  async #carryOut(step: Step, reference: string): Promise<ResourceState> {
    if (this.#aborted) throw STOPPED;
    const { snapshot, report } = this.#phase;
    const started = Date.now();
    const row = (failed: boolean) =>
      record(report, step.op, step.fresh, {
        failed,
        seconds: (Date.now() - started) / 1000,
        ...("diff" in step && { diff: step.diff }),
      });
    // Components and providers have nobody to ask: their step is only recorded.
    if (reference === "" || report.preview) {
      const state = reference === "" ? step.fresh : await previewStep(step, this.#providers.get(reference));
      snapshot.settle(state, "old" in step ? step.old : undefined);
      row(false);
      return state;
    }
    try {
      const state = await applyStep(step, this.#providers.get(reference), snapshot);
      row(false);
      return state;
    } catch (error) {
      row(true);
      throw error;
    }
  }

  /** The reference of the default provider, which is recorded when the first resource needs it. */
  #defaultProvider(goal: Goal): string {
    const { snapshot, report } = this.#phase;
    const own = defaultProviderGoal(goal, this.#phase);
    const known = snapshot.fresh(own.urn);
    if (known) return `${own.urn}::${known.id}`;
    this.#providers.configure(own.urn, own.inputs);
    const old = snapshot.find([own.urn]);
    const { fresh } = providerStep(own, old, report.preview);
    snapshot.settle(fresh, old);
    return `${own.urn}::${fresh.id}`;
  }

  #fail(goal: Goal, error: Error): void {
    const { report } = this.#phase;
    report.failed = true;
    report.diagnostics.add(goal.urn, "error", error.message);
    // A refused input ends the whole deployment; a failed operation lets the independent resources go on.
    if (error instanceof CheckFailed) this.#aborted = true;
  }

  #settle(): void {
    clearTimeout(this.#grace);
    if (this.#active > 0) return;
    if (this.#aborted) this.#end();
    else if (this.#phase.report.failed) this.#grace = setTimeout(this.#end, GRACE_MILLISECONDS);
  }
}

const STOPPED = new Error("nothing new is started");

function componentStep(goal: Goal, old: ResourceState | undefined): Step {
  const fresh = freshState(goal, "", goal.inputs, old);
  if (!old) return { op: "create", fresh };
  return { op: "same", old, fresh: { ...fresh, outputs: old.outputs, modified: old.modified } };
}
