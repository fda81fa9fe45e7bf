import { isDeepStrictEqual } from "node:util";
import { type PropertyMap, stripMap } from "../pulumi-sdk/property-values.mts";
import type { Provider, Recorded } from "../pulumi-sdk/provider.mts";
import { limiter } from "./limit.mts";
import type { Resource } from "./resources.mts";

export const PHASES = ["check", "create", "again", "rotate", "delete"] as const;

/** Milliseconds. */
export type Times = Readonly<Record<(typeof PHASES)[number], number>>;

/**
 * The life of resources as the engine leads it: created, deployed again unchanged, some rotated, deleted. Checks and diffs come one
 * after the other, as from the engine; the rest goes `inFlight` at a time.
 *
 * @param interrupted asked before each call
 */
export async function live(
  provider: Provider,
  declared: readonly Resource[],
  rotated: readonly Resource[],
  { inFlight, interrupted }: { readonly inFlight: number; readonly interrupted: AbortSignal },
): Promise<Times> {
  const inTurn = calls(1, interrupted);
  const atOnce = calls(inFlight, interrupted);

  const [check, checked] = await timed(() =>
    inTurn(declared, async ({ urn, args }) => ({ urn, inputs: await inputsOf(provider, urn, {}, args) })),
  );
  const [create, recorded] = await timed(() =>
    atOnce(checked, async ({ urn, inputs }) => ({
      urn,
      inputs,
      ...(await provider.create(urn, inputs, false)),
    })),
  );
  const [again, changes] = await timed(() =>
    inTurn(pairs(recorded, declared), ([old, { args }]) => changed(provider, old, args)),
  );
  if (changes.some((news) => news !== undefined)) throw new Error("an unchanged run found changes");

  const news = await inTurn(pairs(recorded, rotated), ([old, { args }]) => changed(provider, old, args));
  const [rotate, now] = await timed(() =>
    atOnce(pairs(recorded, news), async ([old, inputs]) =>
      inputs === undefined ? old : { ...old, inputs, ...(await provider.update(old, inputs)) },
    ),
  );
  const [gone] = await timed(() => atOnce(now, (old) => provider.delete(old)));
  return { check, create, again, rotate, delete: gone };
}

/** The new inputs, or `undefined` when they are as recorded. */
async function changed(
  provider: Provider,
  old: Recorded,
  args: PropertyMap,
): Promise<PropertyMap | undefined> {
  const inputs = await inputsOf(provider, old.urn, old.inputs, args);
  await provider.diff(old, inputs);
  return isDeepStrictEqual(stripMap(inputs), stripMap(old.inputs)) ? undefined : inputs;
}

async function inputsOf(
  provider: Provider,
  urn: string,
  olds: PropertyMap,
  news: PropertyMap,
): Promise<PropertyMap> {
  const { inputs, failures } = await provider.check(urn, olds, news);
  if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("\n"));
  return inputs;
}

function calls(atATime: number, interrupted: AbortSignal) {
  return <In, Out>(inputs: readonly In[], work: (input: In) => Promise<Out>): Promise<Out[]> => {
    const limit = limiter(atATime);
    const one = (input: In) =>
      limit(() => {
        interrupted.throwIfAborted();
        return work(input);
      });
    return Promise.all(inputs.map(one));
  };
}

export async function timed<T>(work: () => Promise<T>): Promise<[ms: number, result: T]> {
  const start = performance.now();
  const result = await work();
  return [performance.now() - start, result];
}

function pairs<A, B>(left: readonly A[], right: readonly B[]): [A, B][] {
  return left.map((a, i) => [a, right[i] as B]);
}
