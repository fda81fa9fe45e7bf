import { diffArrays } from "diff";

/**
 * The lines of a text by keys that sort in their order. A line keeps its key while others come and go around it, so that
 * the engine, which compares by key, shows in a preview the lines that change and no others.
 */
export type KeyedLines = Readonly<Record<string, string>>;

/** Room between neighbours for lines to come. */
const STEP = 10;
const DIGITS = 6;

export function textOfLines(lines: KeyedLines): string {
  return sortedByKey(lines)
    .map(([, line]) => line)
    .join("\n");
}

/** @param before the keyed lines of the text that this one follows */
export function keyLines(before: KeyedLines, text: string): KeyedLines {
  const old = sortedByKey(before);
  const lines = text.split("\n");
  const kept = commonLines(
    old.map(([, line]) => line),
    lines,
  );
  const keys: number[] = [];
  for (let i = 0; i < lines.length; ) {
    const oldIndex = kept.get(i);
    if (oldIndex !== undefined) {
      keys.push(Number(old[oldIndex]?.[0]));
      i++;
      continue;
    }
    let end = i;
    while (end < lines.length && !kept.has(end)) end++;
    const from = keys.at(-1) ?? 0;
    const next = kept.get(end);
    const to = next === undefined ? from + STEP * (end - i + 1) : Number(old[next]?.[0]);
    for (let n = 1; n <= end - i; n++) keys.push(from + Math.floor(((to - from) * n) / (end - i + 1)));
    i = end;
  }
  // Where a gap is used up, all are numbered anew: shown as a change of many lines, once.
  const crowded = keys.some((key, i) => key <= (keys[i - 1] ?? 0));
  return Object.fromEntries(lines.map((line, i) => [toKey(crowded ? STEP * (i + 1) : (keys[i] ?? 0)), line]));
}

function sortedByKey(lines: KeyedLines): [string, string][] {
  return Object.entries(lines).toSorted(([a], [b]) => Number(a) - Number(b));
}

function toKey(key: number): string {
  return String(key).padStart(DIGITS, "0");
}

/** So many lines may come and go; of more, what differs counts as new as a whole. */
const MOST_EDITS = 2_000;

/** For each index in `after` that belongs to a longest common subsequence, its index in `before`. */
function commonLines(before: readonly string[], after: readonly string[]): Map<number, number> {
  let [start, oldEnd, newEnd] = [0, before.length, after.length];
  while (start < oldEnd && start < newEnd && before[start] === after[start]) start++;
  while (oldEnd > start && newEnd > start && before[oldEnd - 1] === after[newEnd - 1]) {
    oldEnd--;
    newEnd--;
  }
  const between = commonBetween(before.slice(start, oldEnd), after.slice(start, newEnd));
  const common = new Map(Array.from({ length: start }, (_, i) => [i, i]));
  for (const [i, old] of between) common.set(start + i, start + old);
  for (let i = newEnd; i < after.length; i++) common.set(i, oldEnd + i - newEnd);
  return common;
}

function commonBetween(before: readonly string[], after: readonly string[]): Map<number, number> {
  const common = new Map<number, number>();
  const parts = diffArrays([...before], [...after], { maxEditLength: MOST_EDITS }) ?? [];
  let [old, next] = [0, 0];
  for (const { added, removed, count } of parts) {
    if (!added && !removed) for (let i = 0; i < count; i++) common.set(next + i, old + i);
    if (!added) old += count;
    if (!removed) next += count;
  }
  return common;
}
