import type { Cells, Reach } from "./cells";

/** A rule that may decide in some cells, by its place in the text. */
export interface Candidate {
  readonly place: number;
  readonly reach: Reach;
  /** Whether its other columns match for sure. */
  readonly sure: boolean;
}

/** A rule by its place, and whether it surely matches in the cell or only may. */
export interface Match {
  readonly place: number;
  readonly sure: boolean;
}

/** Of each cell the rules that may decide there: those that only may match, then the first sure one, if there is. */
export type Deciding = readonly (readonly Match[])[];

const NONE: readonly Match[] = [];

/** The first rule that matches decides. @param candidates in the order of the text */
export function decidingIn(cells: Cells, candidates: readonly Candidate[]): Deciding {
  const count = cells.ranges.length;
  const deciding: (readonly Match[])[] = new Array(count).fill(NONE);
  // For each cell, the next one that no sure rule has been found for.
  const next = Array.from({ length: count + 1 }, (_, i) => i);
  const open = (cell: number): number => {
    let found = cell;
    while (next[found] !== found) found = next[found] as number;
    // So that the way is short the next time.
    for (let at = cell; at !== found; ) {
      const after = next[at] as number;
      next[at] = found;
      at = after;
    }
    return found;
  };
  for (const { place, reach, sure } of candidates) {
    for (const [ranges, isSure] of [
      [reach.sure, sure],
      [reach.maybe, false],
    ] as const) {
      for (const range of ranges) {
        const [from, to] = cells.within(range);
        for (let cell = open(from); cell < to; cell = open(cell + 1)) {
          const before = deciding[cell] ?? NONE;
          if (before.at(-1)?.place !== place) deciding[cell] = [...before, { place, sure: isSure }];
          if (isSure) next[cell] = cell + 1;
        }
      }
    }
  }
  return deciding;
}
