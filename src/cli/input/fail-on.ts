import { Option } from "commander";
import { SEVERITIES } from "../../audit/finding";
import { STATUS } from "../terminal/status";

const CHOICES = [...SEVERITIES, "never"] as const;
export type FailOn = (typeof CHOICES)[number];

/** What it takes for a command to end with 1. */
export function failOnOption(): Option {
  return new Option("--fail-on <severity>", "exit with 1 if there is a finding of this severity or worse")
    .choices(CHOICES)
    .default("error");
}

export function statusOf(severities: readonly (typeof SEVERITIES)[number][], failOn: FailOn): number {
  if (failOn === "never") return STATUS.yes;
  const least = SEVERITIES.indexOf(failOn);
  return severities.some((severity) => SEVERITIES.indexOf(severity) <= least) ? STATUS.no : STATUS.yes;
}
