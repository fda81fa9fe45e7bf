import { UserError } from "../errors";

/**
 * Iterations unless told otherwise: CockroachDB's default cost since v22.2.7. With another count and a
 * cert-password rule it asks the client for the cleartext password and then rewrites the verifier.
 */
export const DEFAULT_ITERATIONS = 10_610;

/** The least: RFC 7677 section 4 says SHOULD, CockroachDB and some drivers insist. */
export const MIN_ITERATIONS = 4_096;

/** The most that every current driver accepts: the default bound of node-postgres 8.21 and pgjdbc 42.7.11. */
export const MAX_PORTABLE_ITERATIONS = 100_000;

/**
 * The most we hash or accept. PostgreSQL re-runs the hash on every ALTER ROLE … PASSWORD, verifier or not, and
 * can't be interrupted meanwhile: more than a second of it at this count.
 */
export const MAX_ITERATIONS = 1_000_000;

/**
 * Refuses an iteration count outside {@link MIN_ITERATIONS} to {@link MAX_ITERATIONS}.
 *
 * @throws UserError `iterations-not-an-integer`, `iterations-too-few`, `iterations-too-many`
 */
export function checkIterations(iterations: number): void {
  if (!Number.isInteger(iterations)) {
    throw new UserError(
      "iterations-not-an-integer",
      `An iteration count of ${iterations} is no whole number`,
      {
        hint: `use ${MIN_ITERATIONS} to ${MAX_PORTABLE_ITERATIONS}`,
      },
    );
  }
  if (iterations < MIN_ITERATIONS) {
    throw new UserError("iterations-too-few", `An iteration count of ${iterations} is too low`, {
      hint: `use at least ${MIN_ITERATIONS}, as RFC 7677 asks and CockroachDB requires`,
    });
  }
  checkAffordable(iterations);
}

/**
 * Refuses only what would take too long to compute; a server may well store fewer iterations than we would.
 *
 * @throws UserError `iterations-too-many`
 */
export function checkAffordable(iterations: number): void {
  if (iterations > MAX_ITERATIONS) {
    throw new UserError("iterations-too-many", `An iteration count of ${iterations} is too high`, {
      hint: `use at most ${MAX_PORTABLE_ITERATIONS} for today's drivers, ${MAX_ITERATIONS} in any case`,
    });
  }
}
