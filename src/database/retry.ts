import { setTimeout as sleep } from "node:timers/promises";
import { isRetryable } from "./errors";

/** With the doubling below, five tries take about a second and a half. */
const TRIES = 5;
const FIRST_PAUSE_MS = 100;

/** Runs `operation` again, after a growing pause with jitter, while it fails in a way that another try may cure. */
export async function withRetries<T>(operation: () => Promise<T>, firstPauseMs = FIRST_PAUSE_MS): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      if (attempt === TRIES || !isRetryable(error)) throw error;
      await sleep(firstPauseMs * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
  }
}
