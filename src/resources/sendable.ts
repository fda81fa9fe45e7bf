import * as pulumi from "@pulumi/pulumi";
import { printable } from "../printable";
import { HALF_A_PAIR } from "../scram/text";

/**
 * The arguments as they are (none at all are `{}`: the provider refuses them with a proper message), without what Pulumi's SDK would lose or change without a word on their way to the provider: of half a
 * surrogate pair nothing arrives, an Output in a string is a text about that, and what is under `__proto__` arrives as arguments that nobody gave.
 *
 * @param what the resource, for the message: `ScramUser "app"`
 * @throws RunError, which Pulumi shows without a stack; for an Output, once its value is known
 */
export function sendable<T extends object>(what: string, args: T): T {
  return sendableAt(args ?? {}, (path, problem) => {
    throw new pulumi.RunError(printable(`${what}: ${path.join(".")} ${problem}`));
  }) as T;
}

/** What the SDK's Output answers to toString() and toJSON(). */
const OUTPUT_AS_TEXT = /Calling \[to(String|JSON)\] on an \[Output<T>\]/;

type Refuse = (path: readonly string[], problem: string) => never;

function sendableAt(value: unknown, refuse: Refuse, path: readonly string[] = []): unknown {
  if (typeof value === "string") {
    if (OUTPUT_AS_TEXT.test(value))
      return refuse(
        path,
        "holds Pulumi's text about an Output that was used as a string; use pulumi.interpolate, or .apply",
      );
    return value.isWellFormed() ? value : refuse(path, HALF_A_PAIR);
  }
  if (pulumi.Output.isInstance(value)) return value.apply((known) => sendableAt(known, refuse, path));
  if (value instanceof Promise) return value.then((known) => sendableAt(known, refuse, path));
  if (Array.isArray(value)) return value.map((item, i) => sendableAt(item, refuse, [...path, String(i)]));
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => {
    const at = [...path, key];
    if (key === "__proto__") refuse(at, "cannot be passed on by Pulumi");
    return [sendableAt(key, refuse, at), sendableAt(item, refuse, at)];
  });
  return Object.fromEntries(entries);
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
