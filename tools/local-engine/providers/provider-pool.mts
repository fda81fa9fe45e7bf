import type { Sdk } from "../sdk.mts";
import { PROVIDER_PREFIX, packageOf, providerUrn, qualifiedType } from "../urn.mts";
import { UserError } from "../user-error.mts";
import type { PropertyMap } from "../value.mts";
import { type DynamicProcess, type ProcessSettings, startDynamicProcess } from "./dynamic-process.mts";
import { dynamicProvider } from "./dynamic-provider.mts";
import type { Provider } from "./provider.mts";
import { RANDOM_TYPES, randomProvider } from "./random-provider.mts";

export const DYNAMIC_PACKAGE = "pulumi-nodejs";

/** The provider instances of one phase (a preview, an update …): each has one process, started when first needed. */
export class ProviderPool {
  readonly #settings: ProcessSettings;
  readonly #recordedConfig: (urn: string) => PropertyMap;
  readonly #configs = new Map<string, PropertyMap>();
  readonly #providers = new Map<string, Provider>();
  #spare: DynamicProcess | undefined;

  constructor(settings: ProcessSettings & { sdk: Sdk }, recordedConfig: (urn: string) => PropertyMap) {
    this.#settings = settings;
    this.#recordedConfig = recordedConfig;
  }

  /** Starting the process takes as long as starting the program, so both are done at once. */
  warm(): void {
    this.#spare = startDynamicProcess(this.#settings);
  }

  /** This run's configuration of a provider; without it (refresh, destroy) the recorded one counts. */
  configure(urn: string, config: PropertyMap): void {
    this.#configs.set(urn, config);
  }

  /** The provider behind a resource's reference `<urn>::<id>`. */
  get(reference: string): Provider {
    const urn = providerUrn(reference);
    if (qualifiedType(urn) === `${PROVIDER_PREFIX}random`) return randomProvider;
    const known = this.#providers.get(urn);
    if (known) return known;
    const process = this.#spare ?? startDynamicProcess(this.#settings);
    this.#spare = undefined;
    const config = this.#configs.get(urn) ?? this.#recordedConfig(urn);
    const provider = dynamicProvider(this.#settings.sdk, process, config);
    this.#providers.set(urn, provider);
    return provider;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#providers.values(), this.#spare].map((open) => open?.close()));
  }
}

/** Refuses what the stand-in has no provider for, before anything is asked of one. */
export function requireKnownType(type: string): void {
  if (packageOf(type) === DYNAMIC_PACKAGE || RANDOM_TYPES.includes(type)) return;
  if (type === `${PROVIDER_PREFIX}${DYNAMIC_PACKAGE}`) return;
  throw new UserError(
    `the local engine has no provider for ${type}: it knows dynamic providers, RandomPassword and RandomBytes`,
  );
}
