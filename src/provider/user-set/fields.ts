import { connectionRule } from "../connection/connection-rule";
import { AS_GIVEN, type Fields, TEXT } from "../protocol/fields";
import { flagRule } from "../protocol/rules";
import { isRecord, type Json } from "../protocol/wire";

/** By name of the user: stored hashes of earlier passwords that the server may have seen, the latest first. */
export type SeenHashes = ReadonlyMap<string, readonly string[]>;

/** Which form it has is judged with what is in it (arguments.ts), whether all of that is known or not. */
const judgedLater = () => undefined;

/** Every argument of a ScramUserSet, and what is recorded of it beside its users. */
export const FIELDS = {
  users: { ...AS_GIVEN, rule: judgedLater },
  defaults: { ...AS_GIVEN, rule: judgedLater, transient: true },
  connection: { ...AS_GIVEN, rule: connectionRule, secret: true },
  owner: { ...TEXT, rule: judgedLater, internal: true },
  /** Of StrictIsolation: whether the server sees no password any more (phase 3). */
  isolated: {
    rule: flagRule,
    internal: true,
    read: (value) => (typeof value === "boolean" ? value : undefined),
    write: (value: boolean | undefined) => value,
  },
  /** Of StrictIsolation. */
  seen: {
    secret: true,
    read: (value): SeenHashes =>
      new Map(isRecord(value) ? (Object.entries(value) as [string, string[]][]) : []),
    write: (seen: SeenHashes): Json | undefined => (seen.size > 0 ? Object.fromEntries(seen) : undefined),
  },
} as const satisfies Fields;
