import { textProblem } from "../../scram/text";
import { accident } from "./accident";
import type { Json } from "./wire";

/** What is wrong with a known value, as the end of a sentence; nothing when it is right. Never repeats a secret. */
export type Rule = (value: Json) => string | undefined;

export function flagRule(value: Json): string | undefined {
  return typeof value === "boolean" ? undefined : "must be true or false";
}

export function textRule(value: Json): string | undefined {
  return typeof value === "string" && value !== "" ? accident(value) : "must be text, and not empty";
}

export function choiceRule(choices: readonly Json[]): Rule {
  const words = choices.length > 2 ? `one of ${choices.join(", ")}` : choices.join(" or ");
  return (value) => (choices.includes(value) ? undefined : `must be ${words}`);
}

export function wholeNumberRule(least: number, most: number): Rule {
  return (value) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most
      ? undefined
      : `must be a whole number from ${least} to ${most}`;
}

/** @param maxBytes in UTF-8 */
export function nameRule(maxBytes: number): Rule {
  return (value) => {
    if (typeof value !== "string" || value === "") return "must be a name";
    return Buffer.byteLength(value) > maxBytes
      ? `is longer than ${maxBytes} bytes, which servers cut off or refuse`
      : (textProblem(value) ?? accident(value));
  };
}
