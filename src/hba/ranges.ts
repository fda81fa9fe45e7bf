import { type IpNetwork, prefixLength, prefixMask } from "./ip";

/** Addresses from `first` to `last`, both among them. */
export interface Range {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

export const WIDTH = { 4: 32, 6: 128 } as const;

export const ALL: readonly Range[] = ([4, 6] as const).map((family) => ({
  family,
  first: 0n,
  last: (1n << BigInt(WIDTH[family])) - 1n,
}));

/** `undefined` where the mask has gaps. */
export function rangeOf(network: IpNetwork): Range | undefined {
  const length = prefixLength(network);
  if (length === undefined) return undefined;
  const { family, base } = network;
  const mask = prefixMask(family, length);
  const first = base & mask;
  return { family, first, last: first + (1n << BigInt(WIDTH[family] - length)) - 1n };
}
