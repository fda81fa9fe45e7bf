/** Property values as they travel over gRPC; secrets and unknowns are marked by Pulumi's well-known strings. */
export type Value = null | boolean | number | string | readonly Value[] | PropertyMap;
export interface PropertyMap {
  readonly [key: string]: Value;
}

export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
export const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

export type Secret = PropertyMap & { readonly value: Value };

export const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);
export const isSecret = (value: Value | undefined): value is Secret =>
  isObject(value) && value[SIGNATURE] === SECRET_SIGNATURE;
/** A plain object: not a list, not the wrapping of a secret. */
export const isMap = (value: Value | undefined): value is PropertyMap => isObject(value) && !isSecret(value);

export function secret(value: Value): Secret {
  return isSecret(value) ? value : { [SIGNATURE]: SECRET_SIGNATURE, value: strip(value) };
}

/** The same value with no secret marked: what a provider that does not accept secrets receives. */
export function strip(value: Value): Value {
  return mapSecrets(value, (inner) => strip(inner));
}

export const stripMap = (map: PropertyMap): PropertyMap =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, strip(value)]));

/** Rewrites every outermost secret of a value. */
export function mapSecrets(value: Value, rewrite: (inner: Value) => Value): Value {
  if (isSecret(value)) return rewrite(value.value ?? null);
  if (isList(value)) return value.map((element) => mapSecrets(element, rewrite));
  if (isMap(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, mapSecrets(member, rewrite)]),
    );
  }
  return value;
}

export const containsSecrets = (value: Value): boolean =>
  isSecret(value) || members(value).some(containsSecrets);
export const containsUnknowns = (value: Value): boolean =>
  value === UNKNOWN || members(value).some(containsUnknowns);

/** Equality by content, whatever the order of keys. */
export function equal(left: Value | undefined, right: Value | undefined): boolean {
  if (isList(left) && isList(right)) {
    return left.length === right.length && left.every((element, index) => equal(element, right[index]));
  }
  if (isObject(left) && isObject(right)) {
    const keys = Object.keys(left);
    return keys.length === Object.keys(right).length && keys.every((key) => equal(left[key], right[key]));
  }
  return left === right;
}

function isObject(value: Value | undefined): value is PropertyMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function members(value: Value): readonly Value[] {
  if (isList(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}
