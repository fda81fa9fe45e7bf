import { containsSecrets, isMap, type PropertyMap, secret } from "../value.mts";

/**
 * Gives the secretness of `ins` to the values of `outs` that have the same key. This is all the engine knows about a
 * provider that does not accept secrets: maps are compared member by member; anything else is secret as a whole if
 * its counterpart contains a secret; keys that are new in `outs` stay as the provider gave them.
 */
export function annotate(outs: PropertyMap, ins: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(outs).map(([key, out]) => {
      const counterpart = ins[key];
      if (counterpart === undefined) return [key, out];
      if (isMap(out) && isMap(counterpart)) return [key, annotate(out, counterpart)];
      return [key, containsSecrets(counterpart) ? secret(out) : out];
    }),
  );
}

/** The `additionalSecretOutputs` option: it covers outputs only, never inputs. */
export function markSecretOutputs(outputs: PropertyMap, keys: readonly string[]): PropertyMap {
  return Object.fromEntries(
    Object.entries(outputs).map(([key, value]) => [key, keys.includes(key) ? secret(value) : value]),
  );
}
