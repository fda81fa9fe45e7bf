import { setTimeout as sleep } from "node:timers/promises";
import { GaveUp, isRetryable } from "./errors";

/** With the doubling below, five tries take about a second and a half. */
const TRIES = 5;
const FIRST_PAUSE_MS = 100;

/** No try begins later than this after the first: each may have waited for a lock or for an answer. */
const TOTAL_MS = 60_000;

/**
 * Runs `operation` again, after a growing pause with jitter, while it fails in a way that another try may cure.
 *
 * @throws the operation's own error, or GaveUp when there was more than one try
 */
export async function withRetries<T>(
  operation: () => Promise<T>,
  { firstPauseMs = FIRST_PAUSE_MS, totalMs = TOTAL_MS, now = Date.now } = {},
): Promise<T> {
  const start = now();
  for (let tries = 1; ; tries++) {
    try {
      return await operation();
    } catch (error) {
      const pause = firstPauseMs * 2 ** (tries - 1) * (0.5 + Math.random());
      if (tries < TRIES && isRetryable(error) && now() + pause < start + totalMs) await sleep(pause);
      else throw tries === 1 ? error : new GaveUp(tries, error);
    }
  }
}
