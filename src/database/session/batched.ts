import { setTimeout as sleep } from "node:timers/promises";

interface Waiting<In, Out> {
  readonly input: In;
  resolve(output: Out): void;
  reject(reason: unknown): void;
}

/**
 * Calls that arrive while an earlier one is at work are answered together, one group after the other.
 *
 * @param run gives an answer for each of the inputs, in their order; when it throws, all of them failed
 * @param gatherMs how long the first of a group waits for others
 */
export function batched<In, Out>(
  run: (inputs: readonly In[]) => Promise<readonly PromiseSettledResult<Out>[]>,
  gatherMs = 0,
): (input: In) => Promise<Out> {
  let waiting: Waiting<In, Out>[] = [];
  let working = false;

  async function work(): Promise<void> {
    working = true;
    while (waiting.length > 0) {
      await sleep(gatherMs);
      const group = waiting;
      waiting = [];
      await answer(group);
    }
    working = false;
  }

  async function answer(group: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const results = await run(group.map(({ input }) => input));
      for (const [i, { resolve, reject }] of group.entries()) {
        const result = results[i];
        if (result?.status === "fulfilled") resolve(result.value);
        else reject(result?.reason);
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  return (input) =>
    new Promise((resolve, reject) => {
      waiting.push({ input, resolve, reject });
      if (!working) void work();
    });
}
