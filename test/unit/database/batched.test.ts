import { expect, it } from "vitest";
import { batched } from "../../../src/database/session/batched";

const fulfilled = <T>(value: T) => ({ status: "fulfilled", value }) as const;

/** Answers with the double of each, and remembers which came together. */
function doubling(fail: (input: number) => boolean = () => false) {
  const groups: (readonly number[])[] = [];
  const double = batched<number, number>(async (inputs) => {
    groups.push(inputs);
    if (inputs.includes(0)) throw new Error("all of them");
    await Promise.resolve();
    return inputs.map((input) =>
      fail(input) ? { status: "rejected", reason: new Error(`not ${input}`) } : fulfilled(input * 2),
    );
  });
  return { double, groups };
}

it("calls that arrive at one time are answered together, in their order", async () => {
  const { double, groups } = doubling();
  expect(await Promise.all([double(1), double(2), double(3)])).toEqual([2, 4, 6]);
  expect(groups).toEqual([[1, 2, 3]]);
});

it("what arrives meanwhile waits for the next group, which begins when the one before is done", async () => {
  const events: string[] = [];
  let finish = () => {};
  const work = batched<number, number>(async (inputs) => {
    events.push(`begins ${inputs}`);
    await new Promise<void>((done) => {
      finish = done;
    });
    events.push(`ends ${inputs}`);
    return inputs.map(fulfilled);
  });
  const until = async (event: string) => {
    while (!events.includes(event)) await new Promise((tick) => setTimeout(tick, 1));
  };

  const first = work(1);
  await until("begins 1");
  const others = [work(2), work(3)];
  await new Promise((tick) => setTimeout(tick, 20));
  expect(events).toEqual(["begins 1"]);
  finish();
  await first;
  await until("begins 2,3");
  finish();
  await Promise.all(others);
  expect(events).toEqual(["begins 1", "ends 1", "begins 2,3", "ends 2,3"]);
});

it("one that fails fails alone", async () => {
  const { double } = doubling((input) => input === 2);
  const results = await Promise.allSettled([double(1), double(2), double(3)]);
  expect(
    results.map((result) => (result.status === "fulfilled" ? result.value : result.reason.message)),
  ).toEqual([2, "not 2", 6]);
});

it("a group that fails as a whole fails for each, and the next one goes on", async () => {
  const { double } = doubling();
  const results = await Promise.allSettled([double(0), double(1)]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await double(1)).toBe(2);
});
