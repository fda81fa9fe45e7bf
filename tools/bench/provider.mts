import { resolve } from "node:path";
import { secret } from "../pulumi-sdk/property-values.mts";
import { type Provider, startProvider } from "../pulumi-sdk/provider.mts";
import { type Memory, memoryOf } from "./memory.mts";
import { PROJECT } from "./resources.mts";

const repository = resolve(import.meta.dirname, "../..");

export interface FreshProvider {
  readonly provider: Provider;
  /** Of its process, as it is now. */
  memory(): Memory;
}

/** A dynamic-provider process of the SDK, configured for a server as `new Provider` does it, and nothing asked of it yet. */
export async function startFreshProvider(url: string): Promise<FreshProvider> {
  const provider = startProvider({
    script: resolve(repository, "node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js"),
    // The engine's address, which the SDK passes on to providers that log through it; ours do not.
    args: ["127.0.0.1:1"],
    cwd: repository,
    env: { PULUMI_NODEJS_PROJECT: PROJECT, PULUMI_NODEJS_STACK: "bench", PULUMI_CONFIG: "{}" },
    config: { "scram:connection": secret(url), "scram:explicit": "true" },
    onLine: (line) => console.error(line),
  });
  await provider.ready();
  return { provider, memory: () => memoryOf(provider.pid ?? 0) };
}
