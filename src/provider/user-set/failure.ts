import { ScramError } from "../../scram/error";
import { SECRET_KEYS } from "../user/state";
import { type Json, PartialFailure, type Props } from "../wire";
import type { Applied } from "./apply";
import { entriesIn } from "./state";

/** When nothing at all was done, what is recorded stays as it is; else the engine records what was. */
export function failure(id: string, { failures, done }: Applied, outs: Props, __provider: Json = ""): Error {
  if (done === 0) return usersFailed(failures);
  const lines = reasons(failures);
  const properties = [outs, withoutWhatIsFoundAgain(outs)].find(
    (props) => sizeOf(props) + sizeOf(lines) <= MAX_BYTES,
  );
  return properties === undefined
    ? usersFailed(failures)
    : new PartialFailure(id, { ...properties, __provider }, lines);
}

/** A refresh would record as inputs what it lacks. */
export function incomplete(): ScramError {
  return new ScramError(
    "set-incomplete",
    "the last `up` of this set failed in part, and not all of it is recorded",
    {
      hint: "run `pulumi up` before you refresh",
    },
  );
}

/** The engine records nothing of a deletion that failed. */
export function notAllDeleted(failures: Applied["failures"], done: number): ScramError {
  const lines = reasons(failures);
  if (done === 0) return new ScramError("users-failed", lines, { hint: "fix the cause and delete again" });
  const others = done === 1 ? "the other one is" : `the ${done} others are`;
  return new ScramError("users-failed", lines, {
    hint: `fix the cause and delete again, or run \`pulumi refresh\`: ${others} deleted, though still in the state`,
  });
}

function usersFailed(failures: Applied["failures"]): ScramError {
  return new ScramError("users-failed", reasons(failures));
}

/** More of them tell no more. */
const MAX_REASONS = 20;

/** One line a user, or one for all whom the same befell. */
function reasons(failures: Applied["failures"]): string[] {
  const alike = new Map<string, string[]>();
  for (const [name, reason] of failures) {
    const kind = reason.replaceAll(`"${name}"`, '""');
    alike.set(kind, [...(alike.get(kind) ?? []), name]);
  }
  const lines = [...alike.values()].map(([first = "", ...others]) => {
    const names = shortened(others.map((name) => `"${name}"`));
    const also = others.length === 0 ? "" : `; the same for ${names.join(", ")}`;
    return `user "${first}": ${failures.get(first)}${also}`;
  });
  return shortened(lines);
}

function shortened(items: readonly string[]): string[] {
  const more = items.length - MAX_REASONS;
  return more > 0 ? [...items.slice(0, MAX_REASONS), `and ${more} more`] : [...items];
}

/**
 * The SDK sends a partial failure in HTTP/2 headers, of which Node sends no more than 64 KiB, in base64. Without a record of
 * them, users are found again by the next `up`: their salts say whose they are.
 */
const MAX_BYTES = 44_000;

/** What each key and value takes in a protobuf Struct beside its text, at most. */
const OVERHEAD_BYTES = 12;

function sizeOf(value: Json): number {
  if (typeof value === "string") return Buffer.byteLength(value) + OVERHEAD_BYTES;
  if (typeof value !== "object" || value === null) return OVERHEAD_BYTES;
  return Object.entries(value).reduce(
    (bytes, [key, inner]) => bytes + Buffer.byteLength(key) + sizeOf(inner as Json),
    OVERHEAD_BYTES,
  );
}

/** In a record that lacks what the next `up` finds again: too little to make inputs of. */
export const INCOMPLETE = "incomplete";

/** That a user is there, and what its deletion goes by; the rest the next `up` declares and reads. */
function withoutWhatIsFoundAgain(outs: Props): Props {
  const dropped = [...SECRET_KEYS, "identity", "generation", "iterations", "driftCheck", "rotationKey"];
  const users = Object.entries(entriesIn(outs.users)).map(([name, entry]) => [
    name,
    Object.fromEntries(
      Object.entries(entry as Props).filter(
        ([key, value]) => !dropped.includes(key) && !(key === "login" && value === true),
      ),
    ),
  ]);
  return { ...outs, users: Object.fromEntries(users), [INCOMPLETE]: true };
}
