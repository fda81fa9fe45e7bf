import type { Difference, ObjectDiff } from "../object-diff.mts";
import { isList, isMap, isSecret, type PropertyMap, UNKNOWN, type Value } from "../value.mts";
import { type Colour, paint } from "./colour.mts";

const SYMBOLS = { add: "+", delete: "-", update: "~" } as const;
const COLOURS: Record<Difference["kind"], Colour> = { add: "green", delete: "red", update: "yellow" };
const STEP = "    ";

/** A value as Pulumi prints it; a secret never shows, whatever it holds. */
export function showValue(value: Value, indent: string): string {
  if (isSecret(value)) return "[secret]";
  if (value === UNKNOWN) return "[unknown]";
  if (isList(value)) {
    if (value.length === 0) return "[]";
    const lines = value.map(
      (element, index) => `${indent}${STEP}[${index}]: ${showValue(element, indent + STEP)}`,
    );
    return `[\n${lines.join("\n")}\n${indent}]`;
  }
  if (isMap(value)) {
    const lines = showMap(value, indent + STEP);
    return lines.length === 0 ? "{}" : `{\n${lines.join("\n")}\n${indent}}`;
  }
  return value === null ? "<null>" : JSON.stringify(value);
}

/** The lines of a map; internal properties such as `__provider` are not shown. */
export function showMap(map: PropertyMap, indent: string): string[] {
  const keys = Object.keys(map)
    .filter((key) => !key.startsWith("__"))
    .sort();
  const width = longest(keys);
  return keys.map((key) => `${indent}${key.padEnd(width)}: ${showValue(map[key] ?? null, indent)}`);
}

/** One line a change, with its symbol two columns before the key. */
export function showDiff(diff: ObjectDiff, indent: string): string[] {
  const width = longest([...diff.keys()]);
  return [...diff].map(([key, difference]) => {
    const text = `${SYMBOLS[difference.kind]} ${key.padEnd(width)}: ${showChange(difference, indent)}`;
    return `${indent.slice(2)}${paint(COLOURS[difference.kind], text)}`;
  });
}

function showChange(difference: Difference, indent: string): string {
  switch (difference.kind) {
    case "add":
      return showValue(difference.now, indent);
    case "delete":
      return showValue(difference.was, indent);
    case "update": {
      if (!difference.members)
        return `${showValue(difference.was, indent)} => ${showValue(difference.now, indent)}`;
      return `{\n${showDiff(difference.members, indent + STEP).join("\n")}\n${indent}}`;
    }
  }
}

/** `+added-deleted~updated`, the keys of each kind joined by commas. */
export function summarise(diff: ObjectDiff): string {
  return (["add", "delete", "update"] as const)
    .map((kind) => {
      const keys = [...diff].filter(([, difference]) => difference.kind === kind).map(([key]) => key);
      return keys.length === 0 ? "" : `${SYMBOLS[kind]}${keys.join(",")}`;
    })
    .join("");
}

const longest = (keys: readonly string[]): number => Math.max(0, ...keys.map((key) => key.length));
