import { expect, it, vi } from "vitest";
import { explainError } from "../../../src/database/session/errors";
import { withRetries } from "../../../src/database/session/retry";

const serialisation = Object.assign(new Error("restart transaction"), { code: "40001" });

/** Fails so many times, then succeeds. */
function flaky(failures: number, error: Error) {
  let left = failures;
  return vi.fn(async () => {
    if (left-- > 0) throw error;
    return "done";
  });
}

it.each([
  ["succeeds at once", 0, serialisation, "done", 1],
  ["is tried again while another try may cure it", 3, serialisation, "done", 4],
  ["is given up after five tries", 9, serialisation, "tried 5 times", 5],
  ["is not tried again otherwise", 9, new Error("permission denied"), "permission denied", 1],
])("an operation that %s", async (_case, failures, error, result, tries) => {
  const operation = flaky(failures, error);

  expect(await withRetries(operation, { firstPauseMs: 1 }).catch((e: Error) => e.message)).toBe(result);
  expect(operation).toHaveBeenCalledTimes(tries);
});

it("is given up when the time is over, however few the tries", async () => {
  const operation = flaky(9, serialisation);
  // Each look at the clock finds it 35 s later; the bound is 60.
  let time = 0;
  const now = () => (time += 35_000);

  await expect(withRetries(operation, { firstPauseMs: 1, now })).rejects.toThrow("tried 2 times");
  expect(operation).toHaveBeenCalledTimes(2);
});

it("the sentence says how often it was tried, and still why it failed", async () => {
  const gaveUp = await withRetries(flaky(9, serialisation), { firstPauseMs: 1 }).catch((e: unknown) => e);

  expect(
    explainError(gaveUp, { operation: { kind: "alter", role: "app" }, server: "db:26257", user: "root" }),
  ).toMatchObject({
    code: "40001",
    message: 'could not alter role "app" on db:26257: restart transaction (tried 5 times) [40001]',
  });
});
