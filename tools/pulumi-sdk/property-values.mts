import struct from "google-protobuf/google/protobuf/struct_pb.js";

/** Property values as they travel between engine, program and provider (@pulumi/pulumi `runtime/rpc`). */
export type Value = null | boolean | number | string | readonly Value[] | PropertyMap;
export interface PropertyMap {
  readonly [key: string]: Value;
}

/** In a preview, the place of a value that is known only after `up`. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

export function secret(value: Value): PropertyMap {
  return { [SIGNATURE]: SECRET, value: strip(value) };
}

export function isMap(value: Value | undefined): value is PropertyMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSecret(value: Value | undefined): boolean {
  return isMap(value) && value[SIGNATURE] === SECRET;
}

/** Whether it is a secret, or holds one. */
export function holdsSecret(value: Value | undefined): boolean {
  if (typeof value !== "object" || value === null) return false;
  return isSecret(value) || Object.values(value).some(holdsSecret);
}

/** The same value with no secret marked: what a provider gets that does not accept secrets. */
export function strip(value: Value): Value {
  if (Array.isArray(value)) return value.map(strip);
  if (!isMap(value)) return value;
  return isSecret(value) ? strip(value.value ?? null) : stripMap(value);
}

export function stripMap(map: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, strip(value)]));
}

type Struct = InstanceType<typeof struct.Struct>;

export function toStruct(map: PropertyMap): Struct {
  return struct.Struct.fromJavaScript(map as Parameters<typeof struct.Struct.fromJavaScript>[0]);
}

export function fromStruct(sent: Struct | undefined): PropertyMap {
  return (sent?.toJavaScript() ?? {}) as PropertyMap;
}
