import type { PropertyMap } from "../value.mts";

export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

export interface ProviderDiff {
  /** "unknown" leaves it to the engine to compare the inputs. */
  readonly changes: "some" | "none" | "unknown";
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/** What is recorded of a resource that a provider is asked about. */
export interface Recorded {
  readonly urn: string;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
}

/** The engine's view of a provider: values with secrets marked on both sides. */
export interface Provider {
  /** Whether create and update may be called in a preview. */
  readonly supportsPreview: boolean;
  check(
    urn: string,
    olds: PropertyMap,
    news: PropertyMap,
  ): Promise<{ inputs: PropertyMap; failures: CheckFailure[] }>;
  /** Compares the recorded outputs with new inputs. */
  diff(recorded: Recorded, news: PropertyMap): Promise<ProviderDiff>;
  create(urn: string, inputs: PropertyMap, preview: boolean): Promise<{ id: string; outputs: PropertyMap }>;
  update(recorded: Recorded, inputs: PropertyMap): Promise<{ outputs: PropertyMap }>;
  /** Resolves with undefined when the resource is gone. */
  read(recorded: Recorded): Promise<{ id: string; outputs: PropertyMap; inputs?: PropertyMap } | undefined>;
  delete(recorded: Recorded): Promise<void>;
  close(): Promise<void>;
}

/** Partial failure: the resource exists but did not become what was asked for. */
export class InitFailed extends Error {
  readonly id: string;
  readonly outputs: PropertyMap;
  readonly reasons: readonly string[];

  constructor(id: string, outputs: PropertyMap, reasons: readonly string[]) {
    const count = reasons.length === 1 ? "1 error" : `${reasons.length} errors`;
    super(`${count} occurred:\n${reasons.map((reason) => `    * ${reason}`).join("\n")}`);
    this.id = id;
    this.outputs = outputs;
    this.reasons = reasons;
  }
}
