import { ALL, type Range } from "../../hba/ranges";
import { LOOPBACK } from "./cells";
import { complement, merged } from "./cidr";

/** Where logins come from. */
export interface Area {
  /** In order, and apart from each other. */
  readonly ranges: readonly Range[];
  readonly socket: boolean;
}

export const EVERYWHERE: Area = { ranges: ALL, socket: true };
/** The server itself. */
export const HERE: Area = { ranges: LOOPBACK, socket: true };
export const ELSEWHERE: Area = { ranges: complement(LOOPBACK), socket: false };

export function areaOf(ranges: readonly Range[], socket: boolean): Area {
  return { ranges: merged(ranges), socket };
}

export function overlap(one: Area, other: Area): boolean {
  return (
    (one.socket && other.socket) ||
    other.ranges.some(({ family, first, last }) => {
      // The first that does not end before it.
      const found = one.ranges[firstNotBefore(one.ranges, family, first)];
      return found !== undefined && found.family === family && found.first <= last;
    })
  );
}

function firstNotBefore(ranges: readonly Range[], family: 4 | 6, address: bigint): number {
  let [from, to] = [0, ranges.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const range = ranges[middle] as Range;
    if (range.family < family || (range.family === family && range.last < address)) from = middle + 1;
    else to = middle;
  }
  return from;
}

export function isLoopback(range: Range): boolean {
  return LOOPBACK.some(
    ({ family, first, last }) => family === range.family && first <= range.first && range.last <= last,
  );
}

/** `0.0.0.0/0` and `::/0`: no network that somebody chose. */
export function isEverything({ family, first, last }: Range): boolean {
  return ALL.some((all) => all.family === family && all.first === first && all.last === last);
}
