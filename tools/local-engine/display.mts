import { styleText } from "node:util";
import { isMap, isSecret, type PropertyMap, UNKNOWN, type Value } from "../pulumi-sdk/property-values.mts";
import type { Change } from "./changes.mts";
import type { ResourceState } from "./stack.mts";

export type Operation = "same" | "create" | "update" | "delete";

const SYMBOLS = { create: "+", update: "~", delete: "-", same: " ", add: "+" } as const;
const COLOURS = { create: "green", update: "yellow", delete: "red", same: "reset", add: "green" } as const;
const HEADINGS: Readonly<Record<string, string>> = {
  preview: "Previewing update",
  up: "Updating",
  destroy: "Destroying",
};

export function heading(command: string, stack: string): string {
  return `${HEADINGS[command]} (${stack}):`;
}

/** ` ~  pulumi-nodejs:dynamic/scram:User app updated (0.05s) [diff: ~generation,verifier]` */
export function row(
  op: Operation,
  { urn, type }: ResourceState,
  changes: ReadonlyMap<string, Change>,
  seconds: number | undefined,
): string {
  const done = seconds === undefined ? op : `${op}d (${seconds.toFixed(2)}s)`;
  const diff = (["add", "delete", "update"] as const).map((kind) => {
    const keys = [...changes].filter(([, change]) => change.kind === kind).map(([key]) => key);
    return keys.length === 0 ? "" : SYMBOLS[kind] + keys.join(",");
  });
  const shown = changes.size === 0 ? "" : ` [diff: ${diff.join("")}]`;
  return styleText(COLOURS[op], ` ${SYMBOLS[op]}  ${shownType(type)} ${nameOf(urn)} ${done}${shown}`);
}

/** As of `--diff`: what changes of a resource. */
export function details(
  op: Operation,
  { id, urn, type, inputs }: ResourceState,
  changes: ReadonlyMap<string, Change>,
): string {
  const width = Math.max(0, ...[...changes.keys()].map((key) => key.length));
  const lines =
    op === "create"
      ? mapLines(inputs, "        ")
      : [...changes].map(([key, { kind, was, now }]) => {
          const values = [was, now]
            .filter((value) => value !== undefined)
            .map((value) => show(value, "      "));
          return styleText(
            COLOURS[kind],
            `      ${SYMBOLS[kind]} ${key.padEnd(width)}: ${values.join(" => ")}`,
          );
        });
  return [
    styleText(COLOURS[op], `    ${SYMBOLS[op]} ${shownType(type)}: (${op})`),
    ...(id === "" ? [] : [`        [id=${id}]`]),
    `        [urn=${urn}]`,
    ...lines,
  ].join("\n");
}

export function outputLines(outputs: PropertyMap): string {
  return ["\nOutputs:", ...mapLines(outputs, "    "), ""].join("\n");
}

export function summary(counts: Readonly<Record<Operation, number>>, preview: boolean): string {
  const lines = (["create", "update", "delete"] as const)
    .filter((op) => counts[op] > 0)
    .map((op) => `    ${SYMBOLS[op]} ${counts[op]} ${preview ? `to ${op}` : `${op}d`}`);
  const unchanged = counts.same > 0 ? [`    ${counts.same} unchanged`] : [];
  return ["Resources:", ...lines, ...unchanged].join("\n");
}

export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** `random:index/randomPassword:RandomPassword` is shown as `random:index:RandomPassword`. */
function shownType(type: string): string {
  return type.replace(/^(\w+:\w+)\/(\w+):(\w+)$/, (whole, module, file, name) =>
    file.toLowerCase() === name.toLowerCase() ? `${module}:${name}` : whole,
  );
}

/** A value as Pulumi prints it; a secret never shows, whatever it holds. */
function show(value: Value, indent: string): string {
  if (isSecret(value)) return "[secret]";
  if (value === UNKNOWN) return "[unknown]";
  if (Array.isArray(value)) {
    const lines = value.map((element, i) => `${indent}    [${i}]: ${show(element, `${indent}    `)}`);
    return ["[", ...lines, `${indent}]`].join("\n");
  }
  if (isMap(value)) return ["{", ...mapLines(value, `${indent}    `), `${indent}}`].join("\n");
  return JSON.stringify(value);
}

/** Internal properties such as `__provider` are not shown. */
function mapLines(map: PropertyMap, indent: string): string[] {
  const keys = Object.keys(map).filter((key) => !key.startsWith("__"));
  const width = Math.max(0, ...keys.map((key) => key.length));
  return keys.sort().map((key) => `${indent}${key.padEnd(width)}: ${show(map[key] ?? null, indent)}`);
}
