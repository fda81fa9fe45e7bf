import type { HbaMatch } from "../../hba";
import type { PreparedRules } from "../../hba/match/prepare";
import { nameKind } from "../../hba/name-kind";
import { rangeOf } from "../../hba/ranges";
import { type Area, ELSEWHERE, EVERYWHERE, HERE, isEverything, isLoopback, overlap } from "./areas";
import { type Best, cellsIn, openArea, SUCCEEDS } from "./best";

/** A way in that is gone entirely. */
export interface LostWay {
  readonly way: string;
  /** What becomes of a login that came by it. */
  readonly now: HbaMatch;
}

/**
 * All ways, all from elsewhere than the server itself, all for replication, or all to a database or from a network that the old
 * rules name and by which the role got in. What is unknown is no proof of anything.
 *
 * @param is with the same targets as `was`
 */
export function* lostWays(was: readonly Best[], is: readonly Best[], old: PreparedRules): Iterable<LostWay> {
  const [normal, replication] = [false, true].map((replication) => kindOf(was, is, replication)) as [
    Kind,
    Kind,
  ];

  const elsewhere = lost(normal, ELSEWHERE);
  if (elsewhere !== undefined)
    yield { way: byCertificate(normal.was) ? "with a certificate" : "from elsewhere", now: elsewhere };
  const all = lost(normal, EVERYWHERE);
  if (all !== undefined) yield { way: "at all", now: all };

  const far = lost(replication, ELSEWHERE);
  if (far !== undefined) yield { way: "for replication", now: far };
  const near = lost(replication, HERE);
  if (near !== undefined) yield { way: "for replication on the server itself", now: near };

  yield* lostByName(normal, old);
  yield* lostByName(replication, old);
}

/** Logins of a kind, for replication or not. */
interface Kind {
  readonly was: readonly Best[];
  readonly is: readonly Best[];
  /** From where they may still come. */
  readonly open: Area;
  readonly replication: boolean;
}

function kindOf(was: readonly Best[], is: readonly Best[], replication: boolean): Kind {
  const [before, after] = [was, is].map((targets) =>
    targets.filter(({ target }) => target.replication === replication),
  ) as [Best[], Best[]];
  return { was: before, is: after, open: openArea(after), replication };
}

function* lostByName(kind: Kind, { dialect }: PreparedRules): Iterable<LostWay> {
  const byName = new Map(kind.was.map(({ target }, i) => [target.database, i]));
  for (const { entry } of rulesLettingIn(kind.was)) {
    for (const token of entry.databases) {
      const i = nameKind(token, "database", dialect) === "literal" ? byName.get(token.value) : undefined;
      if (i === undefined) continue;
      const one = kindOf(kind.was.slice(i, i + 1), kind.is.slice(i, i + 1), kind.replication);
      // Who came from elsewhere is not helped by what the server itself may still do.
      const now = lost(one, ELSEWHERE) ?? lost(one, EVERYWHERE);
      if (now !== undefined) yield { way: `to database "${token.value}"`, now };
    }
    const range = entry.address?.kind === "network" ? rangeOf(entry.address.network) : undefined;
    // A server's stock rules name the loopback for everybody; for replication it counts above.
    if (range === undefined || isEverything(range) || isLoopback(range)) continue;
    const now = lost(kind, { ranges: [range], socket: false });
    const from = `${kind.replication ? "for replication " : ""}from ${entry.address?.token.value ?? ""}`;
    if (now !== undefined) yield { way: from, now };
  }
}

/** What becomes of a login that got in from there, where none does any more; `undefined` where one does, or may. */
function lost({ was, is, open }: Kind, area: Area): HbaMatch | undefined {
  if (overlap(open, area)) return undefined;
  for (const [i, before] of was.entries()) {
    for (const cell of cellsIn(before, area)) {
      if (before.best[cell] !== SUCCEEDS) continue;
      // By the door that it came by before.
      const door = before.codes.findIndex((byCell) => byCell[cell] === SUCCEEDS);
      return is[i]?.byDoor[door]?.matchIn(cell);
    }
  }
  return undefined;
}

/** Whether only who had one came from elsewhere. */
function byCertificate(targets: readonly Best[]): boolean {
  return !targets.some((to) =>
    to.byDoor.some(
      ({ door }, d) =>
        door.clientCertificate === undefined &&
        [...cellsIn(to, ELSEWHERE)].some((cell) => to.codes[d]?.[cell] === SUCCEEDS),
    ),
  );
}

/** In the order in which they are met, each once. */
function rulesLettingIn(targets: readonly Best[]): Iterable<NonNullable<HbaMatch["rule"]>> {
  const rules = new Set<NonNullable<HbaMatch["rule"]>>();
  for (const to of targets) {
    for (const each of to.byDoor)
      for (const { outcome, rule } of each.matches()) if (outcome === "succeeds" && rule) rules.add(rule);
  }
  return rules;
}
