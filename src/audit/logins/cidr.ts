import { formatIp } from "../../hba/ip";
import { ALL, type Range, WIDTH } from "../../hba/ranges";

/** The blocks in CIDR notation that the ranges are made of: neighbours put together, the fewest that there can be. */
export function cidrBlocks(ranges: readonly Range[]): string[] {
  return merged(ranges).flatMap(blocksOf);
}

/** `from everywhere`, `from 10.0.0.0/8 and 2 more`, `from everywhere but 10.0.0.0/8`, whichever is shortest. */
export function describeRanges(ranges: readonly Range[], most = 5): string {
  const [blocks, others] = [cidrBlocks(ranges), cidrBlocks(complement(ranges))];
  if (others.length === 0) return "from everywhere";
  return others.length < blocks.length && others.length <= most
    ? `from everywhere but ${listed(others, most)}`
    : `from ${listed(blocks, most)}`;
}

export function listed(names: readonly string[], most: number): string {
  const left = names.length - most;
  return left > 0 ? `${names.slice(0, most).join(", ")} and ${left} more` : names.join(", ");
}

export function merged(ranges: readonly Range[]): Range[] {
  const sorted = [...ranges].sort((a, b) => a.family - b.family || (a.first < b.first ? -1 : 1));
  const found: Range[] = [];
  for (const range of sorted) {
    const before = found.at(-1);
    if (before !== undefined && before.family === range.family && range.first <= before.last + 1n) {
      const last = range.last > before.last ? range.last : before.last;
      found[found.length - 1] = { ...before, last };
    } else found.push(range);
  }
  return found;
}

export function complement(ranges: readonly Range[]): Range[] {
  return ALL.flatMap(({ family, last: end }) => {
    const gaps: Range[] = [];
    let next = 0n;
    for (const { first, last } of merged(ranges.filter((range) => range.family === family))) {
      if (first > next) gaps.push({ family, first: next, last: first - 1n });
      next = last + 1n;
    }
    return next <= end ? [...gaps, { family, first: next, last: end }] : gaps;
  });
}

function blocksOf({ family, first, last }: Range): string[] {
  const blocks: string[] = [];
  for (let at = first; at <= last; ) {
    let length = WIDTH[family] as number;
    // As large as it may begin here, and does not end after the range.
    while (length > 0) {
      const size = 1n << BigInt(WIDTH[family] - length + 1);
      if (at % size !== 0n || at + size - 1n > last) break;
      length--;
    }
    blocks.push(`${formatIp({ family, bits: at })}/${length}`);
    at += 1n << BigInt(WIDTH[family] - length);
  }
  return blocks;
}
