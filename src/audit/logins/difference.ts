import type { EffectiveRule } from "../../hba";
import type { PreparedRules } from "../../hba/match/prepare";
import type { Range } from "../../hba/ranges";
import { type Best, bestOf, FAILS, rangesOf, SUCCEEDS, socketOf } from "./best";
import { merged } from "./cidr";
import type { Logins, Outcomes } from "./logins";
import { type LostWay, lostWays } from "./lost-ways";

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

export interface Difference {
  /** The first there is. */
  readonly lockout: LostWay | undefined;
  readonly losses: readonly Change[];
  readonly gains: readonly Change[];
}

/**
 * What a role gains and loses between two texts, and whether it loses a way in entirely.
 *
 * @param old the rules of `before`
 */
export function difference(before: Logins, after: Logins, old: PreparedRules): Difference {
  const [was, is] = [bestOf(before), bestOf(after)];
  const [lockout] = lostWays(was, is, old);
  return { lockout, losses: changes(was, is), gains: changes(is, was) };
}

/** Logins that succeed in the one and surely fail in the other, put together over databases. */
function changes(has: readonly Best[], lacks: readonly Best[]): Change[] {
  const found = new Map<string, Change & { databases: (string | undefined)[] }>();
  for (const [i, to] of has.entries()) {
    const other = lacks[i] as Best;
    for (const { cells, doors, only } of differing(to, other)) {
      for (const change of changesTo(to, cells, doors, only)) {
        const { replication, from } = change;
        const place = from === "socket" ? from : from.map(({ family, first, last }) => [family, first, last]);
        const key = [replication, only, place].join();
        const known = found.get(key);
        if (known === undefined) found.set(key, { ...change, databases: [to.target.database] });
        else known.databases.push(to.target.database);
      }
    }
  }
  const replicating = has.filter(({ target }) => target.replication).length;
  return [...found.values()].map((change) => ({
    ...change,
    allDatabases: change.databases.length === (change.replication ? replicating : has.length - replicating),
  }));
}

interface Differing {
  readonly cells: readonly number[];
  readonly doors: readonly Outcomes[];
  readonly only?: "with TLS" | "without TLS";
}

/** By whatever door; then what one kind of encryption had and another still has. */
function differing(to: Best, other: Best): Differing[] {
  const numbers = [...to.best.keys()];
  const byAny = numbers.filter((cell) => to.best[cell] === SUCCEEDS && other.best[cell] === FAILS);
  const byOne = to.byDoor.flatMap((each, d): Differing[] => {
    const { transport, clientCertificate } = each.door;
    if (clientCertificate !== undefined || (transport !== "plain" && transport !== "tls")) return [];
    const [codes, others] = [to.codes[d], other.codes[d]];
    const cells = numbers.filter(
      (cell) => codes?.[cell] === SUCCEEDS && others?.[cell] === FAILS && other.best[cell] !== FAILS,
    );
    return [{ cells, doors: [each], only: transport === "tls" ? "with TLS" : "without TLS" }];
  });
  return [{ cells: byAny, doors: to.byDoor }, ...byOne];
}

/** From addresses, and by the socket. */
function changesTo(
  to: Best,
  cells: readonly number[],
  doors: readonly Outcomes[],
  only: Change["only"],
): Omit<Change, "databases">[] {
  const parts = [
    cells.filter((cell) => cell !== socketOf(to)),
    cells.filter((cell) => cell === socketOf(to)),
  ];
  return parts.flatMap((part, isSocket) =>
    part.length === 0
      ? []
      : [
          {
            replication: to.target.replication,
            allDatabases: false,
            from: isSocket ? "socket" : merged(rangesOf(to, part)),
            ...(only !== undefined && { only }),
            rules: rulesBy(
              doors.filter(({ door }) => (door.transport === "local") === Boolean(isSocket)),
              part,
            ),
          },
        ],
  );
}

function rulesBy(doors: readonly Outcomes[], cells: readonly number[]): EffectiveRule[] {
  const rules = doors.flatMap(({ matchIn }) =>
    cells.flatMap((cell) => {
      const { outcome, rule } = matchIn(cell);
      return outcome === "succeeds" && rule !== undefined ? [rule] : [];
    }),
  );
  return [...new Set(rules)];
}
