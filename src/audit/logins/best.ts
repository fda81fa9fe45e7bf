import type { Range } from "../../hba/ranges";
import { type Area, areaOf } from "./areas";
import type { Logins, LoginsTo } from "./logins";

export const [FAILS, UNKNOWN, SUCCEEDS] = [0, 1, 2];
const CODES = { fails: FAILS, unknown: UNKNOWN, succeeds: SUCCEEDS };

/** What comes of the logins to one target, cell by cell; one more is the socket. */
export interface Best extends LoginsTo {
  /** By each door. */
  readonly codes: readonly Uint8Array[];
  /** By the one that does best. */
  readonly best: Uint8Array;
}

export function bestOf(logins: Logins): Best[] {
  return logins.map((to) => {
    const socket = socketOf(to);
    const codes = to.byDoor.map(({ door, matchIn }) => {
      const byCell = new Uint8Array(socket + 1);
      if (door.transport === "local") byCell[socket] = CODES[matchIn(socket).outcome];
      else for (let cell = 0; cell < socket; cell++) byCell[cell] = CODES[matchIn(cell).outcome];
      return byCell;
    });
    const best = new Uint8Array(socket + 1);
    for (const byCell of codes) {
      for (let cell = 0; cell <= socket; cell++)
        best[cell] = Math.max(best[cell] as number, byCell[cell] as number);
    }
    return { ...to, codes, best };
  });
}

/** The number that stands for it, after those of the cells. */
export function socketOf({ cells }: LoginsTo): number {
  return cells.ranges.length;
}

export function rangesOf({ cells }: LoginsTo, numbers: readonly number[]): Range[] {
  return numbers.map((cell) => cells.ranges[cell] as Range);
}

/** The cells that have something of an area. */
export function* cellsIn(to: LoginsTo, { ranges, socket }: Area): Iterable<number> {
  for (const range of ranges) {
    const [from, end] = to.cells.within(range);
    for (let cell = from; cell < end; cell++) yield cell;
  }
  if (socket) yield socketOf(to);
}

/** From where a login to some of the targets succeeds, or may. */
export function openArea(targets: readonly Best[]): Area {
  const ranges = targets.flatMap((to) =>
    rangesOf(
      to,
      [...to.cells.ranges.keys()].filter((cell) => to.best[cell] !== FAILS),
    ),
  );
  return areaOf(
    ranges,
    targets.some((to) => to.best[socketOf(to)] !== FAILS),
  );
}
