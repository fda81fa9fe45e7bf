import { changesOf, type Report, type Row } from "../report.mts";
import type { Operation } from "../step.mts";
import { nameOf, shownType } from "../urn.mts";
import { type Colour, paint } from "./colour.mts";
import { showDiff, showMap, summarise } from "./properties.mts";

export const SYMBOLS: Record<Operation, string> = {
  create: "+ ",
  update: "~ ",
  replace: "+-",
  delete: "- ",
  same: "  ",
};
export const COLOURS: Record<Operation, Colour | undefined> = {
  create: "green",
  update: "yellow",
  replace: "magenta",
  delete: "red",
  same: undefined,
};
const DONE = { create: "created", update: "updated", replace: "replaced", delete: "deleted", same: "" };
const DOING = { create: "creating", update: "updating", replace: "replacing", delete: "deleting", same: "" };

/** One line a resource, unchanged ones left out; on a terminal in columns. */
export function showRows(report: Report, columns: boolean): string[] {
  const rows = changesOf(report);
  const width = (text: (row: Row) => string) =>
    columns ? Math.max(0, ...rows.map((row) => text(row).length)) : 0;
  const typeWidth = width((row) => shownType(row.state.type));
  const nameWidth = width((row) => nameOf(row.state.urn));
  return rows.map((row) => {
    const type = shownType(row.state.type).padEnd(typeWidth);
    const name = nameOf(row.state.urn).padEnd(nameWidth);
    const diff = row.diff.size > 0 ? ` [diff: ${summarise(row.diff)}]` : "";
    return paint(COLOURS[row.op], ` ${SYMBOLS[row.op]} ${type} ${name} ${statusOf(report, row)}${diff}`);
  });
}

function statusOf(report: Report, row: Row): string {
  if (report.preview) return row.op;
  if (row.failed) return `**${DOING[row.op]} failed**`;
  return `${DONE[row.op]} (${row.seconds.toFixed(2)}s)`;
}

/** `--diff`: every changed resource with the properties that change, or all of them when it is new. */
export function showDetails(report: Report): string[] {
  return changesOf(report).flatMap((row) => {
    const { state, op } = row;
    const heading = paint(COLOURS[op], `${SYMBOLS[op]}${shownType(state.type)}: (${op})`);
    const facts = [
      state.id && `[id=${state.id}]`,
      `[urn=${state.urn}]`,
      state.provider && `[provider=${state.provider}]`,
    ].filter(Boolean);
    const properties = op === "create" ? showMap(state.inputs, "        ") : showDiff(row.diff, "        ");
    return [`    ${heading}`, ...facts.map((fact) => `        ${fact}`), ...properties];
  });
}
