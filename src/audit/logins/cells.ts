import { parseIp } from "../../hba/ip";
import type { PreparedRules } from "../../hba/match/prepare";
import type { HbaEntry } from "../../hba/model";
import { ALL, type Range, rangeOf, WIDTH } from "../../hba/ranges";

export const LOOPBACK: readonly Range[] = [
  { family: 4, first: 127n << 24n, last: (128n << 24n) - 1n },
  { family: 6, first: 1n, last: 1n },
];
/** To which `samehost` and `samenet` apply on every machine. */
const OF_EVERY_MACHINE: readonly Range[] = [
  { family: 4, first: (127n << 24n) + 1n, last: (127n << 24n) + 1n },
  { family: 6, first: 1n, last: 1n },
];

/** Where a rule matches for sure as far as the address goes, and where it may. */
export interface Reach {
  readonly sure: readonly Range[];
  readonly maybe: readonly Range[];
}

export const EVERYWHERE: Reach = { sure: ALL, maybe: [] };

/** A mask with gaps and a host name cannot be written as ranges, nor can networks that are not known: there a rule only may match. */
export function reachOf({ address }: HbaEntry, { context: { interfaces } }: PreparedRules): Reach {
  switch (address?.kind) {
    case undefined:
    case "all":
      return EVERYWHERE;
    case "network": {
      const range = rangeOf(address.network);
      return range === undefined ? { sure: [], maybe: ALL } : { sure: [range], maybe: [] };
    }
    case "host":
      return { sure: [], maybe: address.token.value === "" ? [] : ALL };
    default:
      if (interfaces === undefined) return { sure: OF_EVERY_MACHINE, maybe: ALL };
      return {
        sure: [...OF_EVERY_MACHINE, ...interfaces.flatMap(address?.kind === "samehost" ? hostOf : networkOf)],
        maybe: [],
      };
  }
}

interface Interface {
  readonly address: string;
  readonly netmask: string;
}

function hostOf({ address }: Interface): Range[] {
  const ip = parseIp(address.replace(/%.*$/, ""));
  return ip === undefined ? [] : [{ family: ip.family, first: ip.bits, last: ip.bits }];
}

function networkOf({ address, netmask }: Interface): Range[] {
  const [ip, mask] = [parseIp(address.replace(/%.*$/, "")), parseIp(netmask)];
  const range = ip && mask && rangeOf({ family: ip.family, base: ip.bits, mask: mask.bits });
  return range === undefined ? [] : [range];
}

/** The address space, cut wherever what happens to a login may change: to all addresses of a cell, the same happens. */
export class Cells {
  readonly ranges: readonly Range[];
  readonly #firsts: Readonly<Record<4 | 6, readonly bigint[]>>;

  constructor(cuts: Iterable<Range>) {
    const at = { 4: new Set([0n]), 6: new Set([0n]) };
    for (const { family, first, last } of cuts) {
      at[family].add(first);
      if (last + 1n < 1n << BigInt(WIDTH[family])) at[family].add(last + 1n);
    }
    const sorted = (family: 4 | 6) => [...at[family]].sort((a, b) => (a < b ? -1 : Number(a > b)));
    this.#firsts = { 4: sorted(4), 6: sorted(6) };
    this.ranges = ([4, 6] as const).flatMap((family) =>
      this.#firsts[family].map((first, i, firsts) => ({
        family,
        first,
        last: (firsts[i + 1] ?? 1n << BigInt(WIDTH[family])) - 1n,
      })),
    );
  }

  /** The numbers of the cells that have addresses of the range, `[from, to)`. */
  within({ family, first, last }: Range): readonly [from: number, to: number] {
    const firsts = this.#firsts[family];
    const before = family === 4 ? 0 : this.#firsts[4].length;
    return [before + countBelow(firsts, first + 1n) - 1, before + countBelow(firsts, last + 1n)];
  }
}

function countBelow(sorted: readonly bigint[], limit: bigint): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle] as bigint) < limit) from = middle + 1;
    else to = middle;
  }
  return from;
}
