/**
 * The lines of a text by keys that sort in their order. A line keeps its key while others come and go around it, so that
 * the engine, which compares by key, shows in a preview the lines that change and no others.
 */
export type KeyedLines = Readonly<Record<string, string>>;

/** Room between neighbours for lines to come. */
const STEP = 10;
const DIGITS = 6;

export function textOfLines(lines: KeyedLines): string {
  return inOrder(lines)
    .map(([, line]) => line)
    .join("\n");
}

/** @param before the keyed lines of the text that this one follows */
export function keyLines(before: KeyedLines, text: string): KeyedLines {
  const old = inOrder(before);
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
  return Object.fromEntries(lines.map((line, i) => [spell(crowded ? STEP * (i + 1) : (keys[i] ?? 0)), line]));
}

function inOrder(lines: KeyedLines): [string, string][] {
  return Object.entries(lines).toSorted(([a], [b]) => Number(a) - Number(b));
}

function spell(key: number): string {
  return String(key).padStart(DIGITS, "0");
}

/** Comparing each line with each takes their product in time and memory; beyond it, what differs counts as new as a whole. */
const MAX_COMPARED = 25_000_000;

/** For each index in `after` that belongs to a longest common subsequence, its index in `before`. */
function commonLines(before: readonly string[], after: readonly string[]): Map<number, number> {
  let [start, oldEnd, newEnd] = [0, before.length, after.length];
  while (start < oldEnd && start < newEnd && before[start] === after[start]) start++;
  while (oldEnd > start && newEnd > start && before[oldEnd - 1] === after[newEnd - 1]) {
    oldEnd--;
    newEnd--;
  }
  const between =
    (oldEnd - start) * (newEnd - start) > MAX_COMPARED
      ? new Map<number, number>()
      : longestCommonLines(before.slice(start, oldEnd), after.slice(start, newEnd));
  const common = new Map(Array.from({ length: start }, (_, i) => [i, i]));
  for (const [i, old] of between) common.set(start + i, start + old);
  for (let i = newEnd; i < after.length; i++) common.set(i, oldEnd + i - newEnd);
  return common;
}

function longestCommonLines(before: readonly string[], after: readonly string[]): Map<number, number> {
  const lengths = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  const length = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const same = before[i] === after[j];
      (lengths[i] as Uint32Array)[j] = same
        ? length(i + 1, j + 1) + 1
        : Math.max(length(i + 1, j), length(i, j + 1));
    }
  }
  const common = new Map<number, number>();
  for (let i = 0, j = 0; i < before.length && j < after.length; ) {
    if (before[i] === after[j]) common.set(j++, i++);
    else if (length(i + 1, j) >= length(i, j + 1)) i++;
    else j++;
  }
  return common;
}
