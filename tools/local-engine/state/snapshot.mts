import {
  type DeploymentJson,
  decodeOperation,
  decodeResource,
  deploymentJson,
  resourceEncoder,
} from "./deployment-json.mts";
import type { Crypter } from "./passphrase.mts";
import type { OperationType, PendingOperation, ResourceState } from "./resource-state.mts";

/**
 * The stack while an operation runs. It is written out before and after every provider call, so that whenever the
 * process is killed the file tells what exists and what was under way; the rest is written with the next of these.
 *
 * Fresh states stand in the order of their completion, before the old ones nobody has touched yet: a resource
 * registers only when all it depends on is complete, so the file is always in dependency order.
 */
export class Snapshot {
  readonly interrupted: readonly PendingOperation[];
  readonly #fresh: ResourceState[] = [];
  #old: ResourceState[];
  #running: PendingOperation[] = [];
  readonly #write: (resources: ResourceState[], operations: PendingOperation[]) => void;

  constructor(
    old: readonly ResourceState[],
    interrupted: readonly PendingOperation[],
    write: (resources: ResourceState[], operations: PendingOperation[]) => void,
  ) {
    this.#old = [...old];
    this.interrupted = interrupted;
    this.#write = write;
  }

  get old(): readonly ResourceState[] {
    return this.#old;
  }

  /** The recorded resource that goes by this URN; one that only waits for its deletion does not count. */
  find(urns: readonly string[]): ResourceState | undefined {
    return this.#old.find((state) => urns.includes(state.urn) && !state.delete);
  }

  fresh(urn: string): ResourceState | undefined {
    return this.#fresh.find((state) => state.urn === urn);
  }

  begin(type: OperationType, resource: ResourceState): PendingOperation {
    const operation = { type, resource };
    this.#running.push(operation);
    this.save();
    return operation;
  }

  /** Ends an operation; `change` makes its effect part of the same checkpoint. */
  end(operation: PendingOperation, change: () => void = () => {}): void {
    this.#running = this.#running.filter((running) => running !== operation);
    change();
    this.save();
  }

  /** A resource of this run, in the place of the old state it continues. */
  settle(fresh: ResourceState, old?: ResourceState): void {
    this.#old = this.#old.filter((state) => state !== old);
    const index = this.#fresh.findIndex((state) => state.urn === fresh.urn);
    if (index >= 0) this.#fresh[index] = fresh;
    else this.#fresh.push(fresh);
  }

  /** Changes an old state without touching the order; without a replacement it is gone. */
  swap(old: ResourceState, replacement?: ResourceState): void {
    this.#old = this.#old.flatMap((state) => (state !== old ? [state] : replacement ? [replacement] : []));
  }

  save(): void {
    const unfinished = this.interrupted.filter(
      ({ type, resource }) => type === "creating" && !this.fresh(resource.urn),
    );
    this.#write([...this.#fresh, ...this.#old], [...unfinished, ...this.#running]);
  }
}

/** Decodes everything before anything may be written: a wrong passphrase must leave the file as it is. */
export function openSnapshot(
  latest: DeploymentJson,
  crypter: Crypter,
  save: ((deployment: DeploymentJson) => void) | undefined,
): Snapshot {
  const encode = resourceEncoder(crypter);
  return new Snapshot(
    (latest.resources ?? []).map((resource) => decodeResource(resource, crypter)),
    (latest.pending_operations ?? []).map((operation) => decodeOperation(operation, crypter)),
    (resources, operations) =>
      save?.(
        deploymentJson(
          crypter,
          resources.map(encode),
          operations.map(({ type, resource }) => ({ type, resource: encode(resource) })),
        ),
      ),
  );
}
