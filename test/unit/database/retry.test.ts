import { expect, it, vi } from "vitest";
import { withRetries } from "../../../src/database/retry";

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
  ["is given up after five tries", 9, serialisation, "restart transaction", 5],
  ["is not tried again otherwise", 9, new Error("permission denied"), "permission denied", 1],
])("an operation that %s", async (_case, failures, error, result, tries) => {
  const operation = flaky(failures, error);
  const pauseMs = 1;

  expect(await withRetries(operation, pauseMs).catch((e: Error) => e.message)).toBe(result);
  expect(operation).toHaveBeenCalledTimes(tries);
});
