import type { EffectiveRule, HbaMatch } from "../../hba";
import type { PreparedRules } from "../../hba/match/prepare";
import { nameKind } from "../../hba/name-kind";
import { LOOPBACK, type Range, rangeOf } from "./cells";
import type { Logins, Outcomes } from "./logins";

/** Logins that a role gains or loses. */
export interface Change {
  readonly replication: boolean;
  /** By name; `undefined` for any that no rule names. */
  readonly databases: readonly (string | undefined)[];
  /** Of all that the two texts tell apart: whether these are all. */
  readonly allDatabases: boolean;
  readonly from: readonly Range[] | "socket";
  /** Absent where the encryption makes no difference. */
  readonly only?: "with TLS" | "without TLS";
  /** Rules of the text that let them in. */
  readonly rules: readonly EffectiveRule[];
}

/** A way in that is gone entirely. */
export interface LostWay {
  readonly way: string;
  /** What becomes of a login that came by it. */
  readonly now: HbaMatch;
}

export interface Difference {
  readonly lockouts: readonly LostWay[];
  readonly losses: readonly Change[];
  readonly gains: readonly Change[];
}

const [FAILS, UNKNOWN, SUCCEEDS] = [0, 1, 2];
const CODES = { fails: FAILS, unknown: UNKNOWN, succeeds: SUCCEEDS };

/** The logins to one database, of one kind: what comes of them by whichever door is best, cell by cell; the socket is the last. */
interface Sum {
  readonly outcomes: readonly Outcomes[];
  /** By each of these doors. */
  readonly codes: readonly Uint8Array[];
  readonly best: Uint8Array;
}

/**
 * What a role gains and loses between two texts, and the ways in that it loses entirely: all of them, all from elsewhere than
 * the server itself, all for replication, or all to a database or from a network that the old rules name and by which it got in.
 * What is unknown is no proof of anything.
 *
 * @param old the rules of `before`
 */
export function difference(before: Logins, after: Logins, old: PreparedRules): Difference {
  const [was, is] = [sumsOf(before), sumsOf(after)];
  return {
    lockouts: [...lostWays(before, was, is, old)],
    losses: changes(before, was, is),
    gains: changes(after, is, was),
  };
}

function sumsOf({ cells, outcomes }: Logins): Sum[] {
  const groups = new Map<string, Outcomes[]>();
  for (const each of outcomes) {
    const key = `${each.door.replication} ${each.target.name ?? "\0"}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  const count = cells.ranges.length;
  return [...groups.values()].map((group) => {
    const codes = group.map((each) => codesOf(each, count));
    const best = new Uint8Array(count + 1);
    for (const byDoor of codes) {
      for (let cell = 0; cell <= count; cell++)
        best[cell] = Math.max(best[cell] as number, byDoor[cell] as number);
    }
    return { outcomes: group, codes, best };
  });
}

/** By one door: the cells are those of TCP, the socket is the last. */
function codesOf(each: Outcomes, count: number): Uint8Array {
  const codes = new Uint8Array(count + 1);
  if (each.door.transport === "local") codes[count] = CODES[each.matchIn(0).outcome];
  else for (let cell = 0; cell < count; cell++) codes[cell] = CODES[each.matchIn(cell).outcome];
  return codes;
}

/** Cells of a kind: their numbers, and that of the socket where it is one of them. */
type Some = readonly (readonly [from: number, to: number])[];

function* lostWays(
  logins: Logins,
  was: readonly Sum[],
  is: readonly Sum[],
  old: PreparedRules,
): Iterable<LostWay> {
  const { cells } = logins;
  const count = cells.ranges.length;
  const loopback = LOOPBACK.map((range) => cells.within(range));
  const outside = without(loopback, count);
  const socket: Some = [[count, count + 1]];
  const everywhere: Some = [[0, count + 1]];
  const kinds = [false, true].map((replication) => {
    const select = (sums: readonly Sum[]) => sums.map((sum) => (isOf(sum, replication) ? sum : undefined));
    return { replication, was: select(was), is: select(is) };
  });
  const [normal, replicating] = kinds as [(typeof kinds)[0], (typeof kinds)[0]];
  const lost = (kind: typeof normal, some: Some, target?: string) =>
    lostIn({ ...kind, ...(target !== undefined && { target }) }, some);

  const elsewhere = lost(normal, outside);
  if (elsewhere !== undefined)
    yield {
      way: byCertificate(normal.was, outside) ? "with a certificate" : "from elsewhere",
      now: elsewhere,
    };
  const all = elsewhere === undefined ? lost(normal, everywhere) : undefined;
  if (all !== undefined) yield { way: "at all", now: all };
  if (elsewhere !== undefined || all !== undefined) return;

  const far = lost(replicating, outside);
  if (far !== undefined) yield { way: "for replication", now: far };
  const near = lost(replicating, [...loopback, ...socket]);
  if (near !== undefined) yield { way: "for replication on the server itself", now: near };

  const seen = new Set<string>();
  for (const kind of kinds) {
    for (const { entry } of lettingIn(kind.was)) {
      for (const token of entry.databases) {
        const name = `${token.value} ${kind.replication}`;
        if (nameKind(token, "database", old.dialect) !== "literal" || seen.has(name)) continue;
        seen.add(name);
        // Who came from elsewhere is not helped by what the server itself may still do.
        const now = lost(kind, outside, token.value) ?? lost(kind, everywhere, token.value);
        if (now !== undefined) yield { way: `to database "${token.value}"`, now };
      }
      const range = entry.address?.kind === "network" ? rangeOf(entry.address.network) : undefined;
      if (range === undefined || seen.has(`${range.family} ${range.first} ${range.last} ${kind.replication}`))
        continue;
      seen.add(`${range.family} ${range.first} ${range.last} ${kind.replication}`);
      const some: Some = [cells.within(range)];
      // A server's stock rules name the loopback for everybody; for replication it counts above.
      if (range.first === 0n || some.every((part) => isWithin(part, loopback))) continue;
      const now = lost(kind, some);
      if (now !== undefined)
        yield {
          way: `${kind.replication ? "for replication " : ""}from ${entry.address?.token.value ?? ""}`,
          now,
        };
    }
  }
}

interface Kind {
  readonly was: readonly (Sum | undefined)[];
  readonly is: readonly (Sum | undefined)[];
  readonly target?: string;
}

/** What becomes of a login that got in in some of these cells, where none does any more; `undefined` where one does, or may. */
function lostIn({ was, is, target }: Kind, some: Some): HbaMatch | undefined {
  let entered: readonly [sum: number, cell: number] | undefined;
  for (const [i, sum] of was.entries()) {
    const now = is[i];
    if (sum === undefined || now === undefined) continue;
    if (target !== undefined && sum.outcomes[0]?.target.name !== target) continue;
    for (const [from, to] of some) {
      for (let cell = from; cell < to; cell++) {
        if (now.best[cell] !== FAILS) return undefined;
        if (entered === undefined && sum.best[cell] === SUCCEEDS) entered = [i, cell];
      }
    }
  }
  if (entered === undefined) return undefined;
  const [i, cell] = entered;
  const socket = cell === (was[i]?.best.length ?? 0) - 1;
  // By the door that it came by before.
  const door = was[i]?.outcomes.findIndex(
    (each) =>
      (each.door.transport === "local") === socket && each.matchIn(socket ? 0 : cell).outcome === "succeeds",
  );
  return is[i]?.outcomes[door ?? -1]?.matchIn(socket ? 0 : cell);
}

function byCertificate(sums: readonly (Sum | undefined)[], some: Some): boolean {
  return !sums.some((sum) =>
    sum?.outcomes.some(
      ({ door, matchIn }) =>
        door.transport !== "local" &&
        door.clientCertificate === undefined &&
        some.some(([from, to]) => {
          for (let cell = from; cell < to; cell++) if (matchIn(cell).outcome === "succeeds") return true;
          return false;
        }),
    ),
  );
}

/** The rules by which somebody gets in somewhere. */
function lettingIn(sums: readonly (Sum | undefined)[]): Set<EffectiveRule> {
  const rules = new Set<EffectiveRule>();
  for (const sum of sums)
    for (const each of sum?.outcomes ?? []) addRules(rules, each, (sum?.best.length ?? 1) - 1);
  return rules;
}

function addRules(rules: Set<EffectiveRule>, each: Outcomes, count: number): void {
  for (let cell = 0; cell < (each.door.transport === "local" ? 1 : count); cell++) {
    const { outcome, rule } = each.matchIn(cell);
    if (outcome === "succeeds" && rule !== undefined) rules.add(rule);
  }
}

function isOf({ outcomes }: Sum, replication: boolean): boolean {
  return outcomes[0]?.door.replication === replication;
}

function without(parts: Some, count: number): Some {
  const sorted = [...parts].sort(([a], [b]) => a - b);
  const gaps: [number, number][] = [];
  let next = 0;
  for (const [from, to] of sorted) {
    if (from > next) gaps.push([next, from]);
    next = to;
  }
  return next < count ? [...gaps, [next, count]] : gaps;
}

function isWithin([from, to]: readonly [number, number], parts: Some): boolean {
  return parts.some(([first, last]) => first <= from && to <= last);
}

/** Logins that succeed in the one and surely fail in the other, put together over databases. */
function changes({ cells }: Logins, has: readonly Sum[], lacks: readonly Sum[]): Change[] {
  const count = cells.ranges.length;
  const found = new Map<string, Change & { databases: (string | undefined)[] }>();
  const add = (sum: Sum, lost: readonly number[], outcomes: readonly Outcomes[], only?: Change["only"]) => {
    const replication = isOf(sum, true);
    for (const [from, part] of [
      [lost.filter((cell) => cell < count), false],
      [lost.filter((cell) => cell === count), true],
    ] as const) {
      if (from.length === 0) continue;
      const key = `${replication} ${only} ${part} ${from.join()}`;
      const rules = new Set<EffectiveRule>();
      for (const { door, matchIn } of outcomes) {
        if ((door.transport === "local") !== part) continue;
        for (const cell of from) {
          const { outcome, rule } = matchIn(part ? 0 : cell);
          if (outcome === "succeeds" && rule !== undefined) rules.add(rule);
        }
      }
      const known = found.get(key);
      const database = sum.outcomes[0]?.target.name;
      if (known !== undefined) {
        known.databases.push(database);
        continue;
      }
      const ranges = from.map((cell) => cells.ranges[cell] as Range);
      found.set(key, {
        replication,
        databases: [database],
        allDatabases: false,
        from: part ? "socket" : ranges,
        ...(only !== undefined && { only }),
        rules: [...rules],
      });
    }
  };
  for (const [i, sum] of has.entries()) {
    const other = lacks[i];
    if (other === undefined) continue;
    const lost = [...sum.best.keys()].filter(
      (cell) => sum.best[cell] === SUCCEEDS && other.best[cell] === FAILS,
    );
    if (lost.length > 0) add(sum, lost, sum.outcomes);
    for (const [d, each] of sum.outcomes.entries()) {
      const { transport, clientCertificate } = each.door;
      if (clientCertificate !== undefined || (transport !== "plain" && transport !== "tls")) continue;
      const [codes, others] = [sum.codes[d] as Uint8Array, other.codes[d] as Uint8Array];
      const byDoor = [...codes.keys()].filter(
        (cell) => codes[cell] === SUCCEEDS && others[cell] === FAILS && other.best[cell] !== FAILS,
      );
      if (byDoor.length > 0) add(sum, byDoor, [each], transport === "tls" ? "with TLS" : "without TLS");
    }
  }
  const targets = (replication: boolean) => has.filter((sum) => isOf(sum, replication)).length;
  return [...found.values()].map((change) => ({
    ...change,
    allDatabases: change.databases.length === targets(change.replication),
  }));
}
