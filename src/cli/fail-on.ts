import { Option } from "commander";
import { LEVELS } from "../audit/finding";
import { STATUS } from "./status";

const CHOICES = [...LEVELS, "never"] as const;
export type FailOn = (typeof CHOICES)[number];

/** What it takes for a command to end with 1. */
export function failOnOption(): Option {
  return new Option("--fail-on <level>", "exit with 1 if there is a finding of this level or worse")
    .choices(CHOICES)
    .default("error");
}

export function statusOf(levels: readonly (typeof LEVELS)[number][], failOn: FailOn): number {
  if (failOn === "never") return STATUS.yes;
  const least = LEVELS.indexOf(failOn);
  return levels.some((level) => LEVELS.indexOf(level) <= least) ? STATUS.no : STATUS.yes;
}
