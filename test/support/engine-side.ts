import { type Json, type Props, type Provider, unwrapSecrets } from "../../src/provider/protocol/wire";
import { userProvider } from "../../src/provider/user/user";

/** A secret as the provider answers it: what the engine would encrypt. */
type Wrapped = { readonly "4dabf18193072939515e22adb298388d": string; readonly value: Json };

/** What the engine does between two calls: it remembers secrets and hands them over in plain. */
export function unwrap(props: Props | undefined): Record<string, Json> {
  return unwrapSecrets(props) as Record<string, Json>;
}

export function isWrapped(value: Json | undefined): value is Wrapped & Json {
  return typeof value === "object" && value !== null && "4dabf18193072939515e22adb298388d" in value;
}

export function userProviderFor(connection: string): Provider {
  return configured(userProvider(), connection);
}

/** A provider as the engine configures it, for a server. */
export function configured(provider: Provider, connection: string): Provider {
  provider.configure({ config: { get: (key) => (key === "scram:connection" ? connection : undefined) } });
  return provider;
}

/** `check`, with its answer as the next call gets it; failures are thrown as one text. */
export async function check(provider: Provider, olds: Props, news: Props): Promise<Record<string, Json>> {
  const { inputs, failures = [] } = await provider.check(olds, news);
  if (failures.length > 0) throw new Error(failures.map((f) => `${f.property}: ${f.reason}`).join("\n"));
  return unwrap(inputs);
}

/** The inputs as recorded, out of outputs that hold more. */
export function inputsOf({ identity, ...inputs }: Props): Props {
  return inputs;
}

/** `check` and `create`, as in the first `up`. */
export async function deploy(provider: Provider, args: Props): Promise<Record<string, Json>> {
  const inputs = await check(provider, {}, args);
  const { outs } = await provider.create(inputs);
  return unwrap(outs);
}
