import type { EffectiveRule } from "../match/effective";
import type { AddressSpec } from "../model";
import { ALL, type Range, rangeOf } from "../ranges";

/** A rule, and its place among those before the one that is looked at. */
export interface Earlier {
  readonly order: number;
  readonly rule: EffectiveRule;
}

/** Limits what is spent on a text. */
export interface Steps {
  take(count: number): void;
  readonly areUsedUp: boolean;
}

/** Addresses as a rule names them. */
export interface Place {
  /** Of what cannot be told in numbers: a host name, the server's own networks, a mask with gaps, the Unix socket. */
  readonly name?: string;
  /** Names that cover it, its own among them. */
  readonly wider: readonly string[];
  /** Whoever covers these covers it; where it has no name, it is these. */
  readonly ranges: readonly Range[];
}

type Taken = Range & Earlier;

/** The addresses that earlier rules match, each with the first of them. */
export class CoveredAddresses {
  /** Where one took all of them, before any other: most do. */
  #all: Earlier | undefined;
  #byName: Map<string, Earlier> | undefined;
  /** In order, and apart from each other. */
  #taken: Record<4 | 6, Taken[]> | undefined;

  add({ name, ranges }: Place, earlier: Earlier, steps: Steps): void {
    if (name !== undefined) {
      this.#byName ??= new Map();
      if (!this.#byName.has(name)) this.#byName.set(name, earlier);
    } else if (ranges === ALL && this.#taken === undefined) this.#all ??= earlier;
    else if (this.#all === undefined) for (const range of ranges) this.#take(range, earlier, steps);
  }

  #take({ family, first, last }: Range, earlier: Earlier, steps: Steps): void {
    this.#taken ??= { 4: [], 6: [] };
    const taken = this.#taken[family];
    const from = firstNotBefore(taken, first);
    const gaps: (readonly [place: number, gap: Taken])[] = [];
    let next = first;
    let place = from;
    for (; next <= last; place++) {
      const there = taken[place];
      const end = there === undefined || there.first > last ? last + 1n : there.first;
      if (next < end) gaps.push([place, { family, first: next, last: end - 1n, ...earlier }]);
      next = there === undefined || there.first > last ? end : there.last + 1n;
    }
    steps.take(place - from);
    for (const [at, gap] of gaps.reverse()) taken.splice(at, 0, gap);
  }

  named(name: string): Earlier | undefined {
    return this.#byName?.get(name);
  }

  /** What covers that address, and up to where; where nothing does, up to where that is so. */
  at(
    family: 4 | 6,
    address: bigint,
    last: bigint,
  ): { readonly by: Earlier | undefined; readonly last: bigint } {
    if (this.#all !== undefined) return { by: this.#all, last };
    const taken = this.#taken?.[family] ?? [];
    const found = taken[firstNotBefore(taken, address)];
    if (found === undefined || found.first > last) return { by: undefined, last };
    if (found.first > address) return { by: undefined, last: found.first - 1n };
    return { by: found, last: found.last < last ? found.last : last };
  }
}

/** The first rules that match what comes from a place, where some of these do for all of it. */
export function covering(
  all: readonly CoveredAddresses[],
  { name, wider, ranges }: Place,
  steps: Steps,
): readonly EffectiveRule[] | undefined {
  steps.take(all.length * wider.length);
  const [byName] = all
    .flatMap((covered) => wider.flatMap((each) => covered.named(each) ?? []))
    .sort((a, b) => a.order - b.order);
  const inNumbers = coveringRanges(all, ranges, steps);
  if (byName === undefined || name === undefined) return inNumbers?.map(({ rule }) => rule);
  const before = inNumbers?.every(({ order }) => order < byName.order);
  return before ? inNumbers?.map(({ rule }) => rule) : [byName.rule];
}

function coveringRanges(
  all: readonly CoveredAddresses[],
  ranges: readonly Range[],
  steps: Steps,
): readonly Earlier[] | undefined {
  const found = new Set<Earlier>();
  for (const { family, first, last } of ranges) {
    for (let at = first; at <= last; ) {
      steps.take(all.length);
      if (steps.areUsedUp) return undefined;
      const here = all.map((covered) => covered.at(family, at, last));
      const [by] = here.flatMap((each) => each.by ?? []).sort((a, b) => a.order - b.order);
      if (by === undefined) return undefined;
      found.add(by);
      at = here.reduce((least, each) => (each.last < least ? each.last : least), last) + 1n;
    }
  }
  return found.size === 0 ? undefined : [...found];
}

function firstNotBefore(taken: readonly Taken[], address: bigint): number {
  let [from, to] = [0, taken.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((taken[middle] as Taken).last < address) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** No name in DNS is longer. */
const MAX_HOST_NAME = 253;

/** @param spec absent for the Unix socket */
export function placeOf(spec: AddressSpec | undefined): Place {
  switch (spec?.kind) {
    case undefined:
      return { name: "local", wider: ["local"], ranges: [] };
    case "all":
      return { wider: [], ranges: ALL };
    case "samehost":
      return { name: "samehost", wider: ["samehost", "samenet"], ranges: ALL };
    case "samenet":
      return { name: "samenet", wider: ["samenet"], ranges: ALL };
    case "host": {
      const name = spec.token.value.toLowerCase();
      const dots = name.length > MAX_HOST_NAME ? [] : [...name.matchAll(/\./g)];
      const domains = dots.map(({ index }) => `host ${name.slice(index)}`);
      return { name: `host ${name}`, wider: [`host ${name}`, ...domains], ranges: ALL };
    }
    case "network": {
      const { family, base, mask } = spec.network;
      const range = rangeOf(spec.network);
      if (range !== undefined) return { wider: [], ranges: [range] };
      const name = `${family} ${base & mask} ${mask}`;
      const [whole] = ALL.filter((each) => each.family === family);
      const first = base & mask;
      return {
        name,
        wider: [name],
        ranges: [{ family, first, last: first | ((whole?.last ?? 0n) & ~mask) }],
      };
    }
  }
}
