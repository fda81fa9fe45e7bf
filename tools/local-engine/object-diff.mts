import { equal, isMap, mapSecrets, type PropertyMap, secret, strip, type Value } from "./value.mts";

export type Difference =
  | { readonly kind: "add"; readonly now: Value }
  | { readonly kind: "delete"; readonly was: Value }
  | { readonly kind: "update"; readonly was: Value; readonly now: Value; readonly members?: ObjectDiff };

export type ObjectDiff = ReadonlyMap<string, Difference>;

/** What changed between two property maps; secrets are compared by their content. */
export function diffMaps(was: PropertyMap, now: PropertyMap): ObjectDiff {
  const keys = [...new Set([...Object.keys(was), ...Object.keys(now)])].sort();
  const found = new Map<string, Difference>();
  for (const key of keys) {
    const difference = diffValues(was[key], now[key]);
    if (difference) found.set(key, difference);
  }
  return found;
}

/**
 * What the engine can show when the provider says "changed" without saying what: secrets are redacted first, so a
 * change of secrets alone shows no property at all; internal keys such as `__provider` are left out.
 */
export function diffRedacted(was: PropertyMap, now: PropertyMap): ObjectDiff {
  const visible = (map: PropertyMap) =>
    Object.fromEntries(
      Object.entries(map)
        .filter(([key]) => !key.startsWith("__"))
        .map(([key, value]) => [key, mapSecrets(value, () => secret(""))]),
    );
  return diffMaps(visible(was), visible(now));
}

function diffValues(was: Value | undefined, now: Value | undefined): Difference | undefined {
  if (was === undefined) return now === undefined ? undefined : { kind: "add", now };
  if (now === undefined) return { kind: "delete", was };
  if (isMap(was) && isMap(now)) {
    const members = diffMaps(was, now);
    return members.size === 0 ? undefined : { kind: "update", was, now, members };
  }
  return equal(strip(was), strip(now)) ? undefined : { kind: "update", was, now };
}
