import { describe, expect, it } from "vitest";
import {
  checkIterations,
  DEFAULT_ITERATIONS,
  MAX_ITERATIONS,
  MAX_PORTABLE_ITERATIONS,
  MIN_ITERATIONS,
} from "../../../src/scram";

describe("checkIterations", () => {
  it.each([MIN_ITERATIONS, DEFAULT_ITERATIONS, MAX_PORTABLE_ITERATIONS, MAX_ITERATIONS])(
    "accepts %d",
    (count) => {
      expect(() => checkIterations(count)).not.toThrow();
    },
  );

  it.each([
    [MIN_ITERATIONS - 1, "iterations-too-few"],
    [0, "iterations-too-few"],
    [-10_610, "iterations-too-few"],
    [MAX_ITERATIONS + 1, "iterations-too-many"],
    [1e300, "iterations-too-many"],
    [10_610.5, "iterations-not-an-integer"],
    [Number.NaN, "iterations-not-an-integer"],
    [Number.POSITIVE_INFINITY, "iterations-not-an-integer"],
  ])("refuses %d as %s and names it", (count, code) => {
    const refusal = expect.objectContaining({ code, message: expect.stringContaining(String(count)) });
    expect(() => checkIterations(count)).toThrow(refusal);
  });
});
