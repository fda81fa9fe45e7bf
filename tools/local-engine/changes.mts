import { isDeepStrictEqual } from "node:util";
import { type PropertyMap, strip, type Value } from "../pulumi-sdk/property-values.mts";

/** What became of a property; secrets are compared by what they hold. */
export interface Change {
  readonly kind: "add" | "delete" | "update";
  readonly was?: Value;
  readonly now?: Value;
}

export function changesBetween(was: PropertyMap, now: PropertyMap): ReadonlyMap<string, Change> {
  const found = new Map<string, Change>();
  for (const key of [...new Set([...Object.keys(was), ...Object.keys(now)])].sort()) {
    const [before, after] = [was[key], now[key]];
    if (before === undefined && after !== undefined) found.set(key, { kind: "add", now: after });
    else if (before !== undefined && after === undefined) found.set(key, { kind: "delete", was: before });
    else if (before !== undefined && after !== undefined && !isDeepStrictEqual(strip(before), strip(after)))
      found.set(key, { kind: "update", was: before, now: after });
  }
  return found;
}
