import { diffMaps } from "../object-diff.mts";
import { changesOf, type Report } from "../report.mts";
import type { Operation } from "../step.mts";
import { mapSecrets, type PropertyMap, secret } from "../value.mts";
import { paint } from "./colour.mts";
import { showDiff, showMap } from "./properties.mts";
import { COLOURS, SYMBOLS, showDetails, showRows } from "./rows.mts";

const VERBS = { update: "Updating", refresh: "Refreshing", destroy: "Destroying" };
const PLANNED = { create: "to create", update: "to update", replace: "to replace", delete: "to delete" };
const DONE = { create: "created", update: "updated", replace: "replaced", delete: "deleted" };

export function heading(report: Pick<Report, "kind" | "preview">, stack: string): string {
  const verb = report.preview ? `Previewing ${report.kind}` : VERBS[report.kind];
  return paint("bold", `${verb} (${stack}):`);
}

/** Rows or details, messages, outputs, counts: in Pulumi's order. */
export function showReport(report: Report, detailed: boolean): string {
  const blocks = [
    detailed ? showDetails(report) : showRows(report, process.stdout.isTTY),
    report.diagnostics.render().slice(0, -1),
    outputs(report),
    counts(report),
    report.preview ? [] : [`Duration: ${Math.max(1, Math.round((Date.now() - report.started) / 1000))}s`],
  ];
  const shown = blocks.filter((block) => block.length > 0).map((block) => block.join("\n"));
  return `${shown.join("\n\n")}\n`;
}

/** The stack's outputs: in a preview those that change, after an update all of them. */
function outputs({ outputs, preview }: Report): string[] {
  if (!outputs) return [];
  const was = redact(outputs.was);
  const now = redact(outputs.now);
  const changed = diffMaps(was, now);
  const same = Object.fromEntries(Object.entries(now).filter(([key]) => !changed.has(key)));
  const lines = [...showDiff(changed, "    "), ...(preview ? [] : showMap(same, "    "))];
  return lines.length === 0 ? [] : [paint("bold", "Outputs:"), ...lines];
}

const redact = (map: PropertyMap): PropertyMap =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, mapSecrets(value, () => secret(""))]));

function counts(report: Report): string[] {
  const words = report.preview ? PLANNED : DONE;
  const count = (op: Operation) => report.rows.filter((row) => row.op === op && !row.failed).length;
  const changed = (Object.keys(words) as (keyof typeof words)[])
    .filter((op) => count(op) > 0)
    .map((op) => paint(COLOURS[op], `    ${SYMBOLS[op]}${count(op)} ${words[op]}`));
  const unchanged = count("same");
  if (changed.length === 0 && unchanged === 0) return [];
  const rest = unchanged > 0 ? [`    ${unchanged} unchanged`] : [];
  return [paint("bold", "Resources:"), ...changed, ...rest];
}

export const hasChanges = (report: Report): boolean => changesOf(report).length > 0;
