import { resolve } from "node:path";
import { startDynamicProcess } from "../local-engine/providers/dynamic-process.mts";
import { dynamicProvider } from "../local-engine/providers/dynamic-provider.mts";
import type { Provider } from "../local-engine/providers/provider.mts";
import { call } from "../local-engine/providers/provider-call.mts";
import { loadSdk } from "../local-engine/sdk.mts";
import { secret } from "../local-engine/value.mts";
import { type Memory, memoryOf } from "./memory.mts";
import { PROJECT } from "./resources.mts";

const repository = resolve(import.meta.dirname, "../..");
const sdk = loadSdk(repository);

export interface FreshProvider {
  readonly provider: Provider;
  /** Of its process, as it is now. */
  memory(): Memory;
}

/** A dynamic-provider process of the SDK, configured for a server as `new Provider` does it, and nothing asked of it yet. */
export async function startProvider(url: string): Promise<FreshProvider> {
  const dynamicProcess = startDynamicProcess({
    sdk,
    project: PROJECT,
    stack: "bench",
    directory: repository,
    // The SDK passes it on to providers that log through the engine; ours do not.
    engineAddress: "127.0.0.1:1",
    onLine: (line) => console.error(line),
    whole: true,
  });
  const provider = dynamicProvider(sdk, dynamicProcess, {
    "scram:connection": secret(url),
    "scram:explicit": "true",
  });
  const client = await dynamicProcess.client;
  // Answered after `configure`, which was sent before.
  await call(sdk, (done) => client.getPluginInfo(new sdk.empty.Empty(), done));
  return {
    provider,
    memory: () => memoryOf(dynamicProcess.pid ?? 0),
  };
}
