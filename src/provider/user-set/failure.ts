import { UserError } from "../../errors";
import { namesWhere } from "../protocol/fields";
import { compact, type Json, PartialFailure, type Props } from "../protocol/wire";
import { FIELDS } from "../user/fields";
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
export function incomplete(): UserError {
  return new UserError(
    "set-incomplete",
    "the last `up` of this set failed in part, and not all of it is recorded",
    {
      hint: "run `pulumi up` before you refresh",
    },
  );
}

/** The engine records nothing of a deletion that failed. */
export function notAllDeleted(failures: Applied["failures"], done: number): UserError {
  const lines = reasons(failures);
  if (done === 0) return new UserError("users-failed", lines, { hint: "fix the cause and delete again" });
  const others = done === 1 ? "the other one is" : `the ${done} others are`;
  return new UserError("users-failed", lines, {
    hint: `fix the cause and delete again, or run \`pulumi refresh\`: ${others} deleted, though still in the state`,
  });
}

function usersFailed(failures: Applied["failures"]): UserError {
  return new UserError("users-failed", reasons(failures));
}

/** More of them tell no more. */
const MAX_REASONS = 20;

/** One line a user, or one for all that failed for the same reason. */
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
 * The SDK sends a partial failure in HTTP/2 headers, of which Node sends no more than 64 KiB, in base64. Users that are not
 * recorded are there already for the next `up`, which has to be told to take them over.
 */
const MAX_BYTES = 47_000;

/** As a protobuf Value, in bytes. */
function sizeOf(value: Json): number {
  if (typeof value === "string") return field(Buffer.byteLength(value));
  if (typeof value === "number") return 9;
  if (typeof value !== "object" || value === null) return 2;
  const parts = Array.isArray(value)
    ? value.map((item) => field(sizeOf(item)))
    : Object.entries(value).map(([key, inner]) =>
        field(field(Buffer.byteLength(key)) + field(sizeOf(inner))),
      );
  return field(parts.reduce((sum, bytes) => sum + bytes, 0));
}

/** With its tag and its length. */
function field(bytes: number): number {
  return 1 + Math.max(1, Math.ceil(Math.log2(bytes + 1) / 7)) + bytes;
}

/** In a record that lacks what the next `up` declares and reads again: too little to make inputs of. */
export const INCOMPLETE = "incomplete";

const DISPENSABLE = namesWhere(FIELDS, ({ dispensable }) => dispensable);

/** Which role each user is, and what its deletion goes by. Of an identity, all but the oid is the same for all. */
function withoutWhatIsFoundAgain(outs: Props): Props {
  const entries = Object.entries(entriesIn(outs.users)).map(
    ([name, entry]) => [name, entry as Props] as const,
  );
  const users = entries.map(([name, entry]) => {
    const kept = Object.entries(entry).filter(
      ([key, value]) => !DISPENSABLE.includes(key) && !(key === "login" && value === true),
    );
    return [name, { ...Object.fromEntries(kept), oid: entriesIn(entry.identity).oid ?? null }];
  });
  const [identity] = entries.flatMap(([, entry]) => entry.identity ?? []);
  const { seen, ...rest } = outs;
  return compact({ ...rest, users: Object.fromEntries(users), identity, [INCOMPLETE]: true });
}
