import type { EffectiveRule } from "../../hba";
import type { PreparedRules } from "../../hba/match/prepare";
import type { Range } from "../../hba/ranges";
import { type Best, bestOf, FAILS, rangesOf, SUCCEEDS, socketOf } from "./best";
import { merged } from "./cidr";
import type { Logins, Outcomes } from "./logins";
import { type LostWay, lostWays } from "./lost-ways";

/** Logins that a role gains or loses, or may: whether they succeed is not known in one of the texts. */
export interface Change {
  readonly maybe?: true;
  readonly replication: boolean;
  /** By name; `undefined` for any that no rule names. */
  readonly databases: readonly (string | undefined)[];
  /** Of all that the two texts tell apart: whether these are all. */
  readonly allDatabases: boolean;
  readonly from: readonly Range[] | "socket";
  /** Absent where the encryption makes no difference. */
  readonly only?: "with TLS" | "without TLS";
  /** Rules of the text that let them in, or may. */
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

/** Logins of which more comes in the one than in the other, put together over databases. */
function changes(has: readonly Best[], lacks: readonly Best[]): Change[] {
  const found = new Map<string, Gathered>();
  for (const [i, to] of has.entries()) {
    const other = lacks[i] as Best;
    for (const part of differing(to, other)) {
      for (const change of changesTo(to, part)) {
        const { maybe, replication, only, from } = change;
        const place = from === "socket" ? from : from.map(({ family, first, last }) => [family, first, last]);
        const key = [maybe, replication, only, place].join();
        const gathered = found.get(key) ?? { change, databases: [], rules: new Set() };
        gathered.databases.push(to.target.database);
        for (const rule of change.rules) gathered.rules.add(rule);
        found.set(key, gathered);
      }
    }
  }
  const replicating = has.filter(({ target }) => target.replication).length;
  return [...found.values()].map(({ change, databases, rules }) => ({
    ...change,
    databases,
    allDatabases: databases.length === (change.replication ? replicating : has.length - replicating),
    rules: [...rules],
  }));
}

/** The same to several databases. */
interface Gathered {
  readonly change: Change;
  readonly databases: (string | undefined)[];
  readonly rules: Set<EffectiveRule>;
}

interface Differing extends Pick<Change, "maybe" | "only"> {
  readonly cells: readonly number[];
  readonly doors: readonly Outcomes[];
}

/** By whatever door; then what one kind of encryption had and another still has. */
function differing(to: Best, other: Best): Differing[] {
  const numbers = [...to.best.keys()];
  const fallsFor = (codes: Uint8Array, others: Uint8Array, cell: number) => {
    const [from, into] = [codes[cell] as number, others[cell] as number];
    if (from <= into) return undefined;
    return from === SUCCEEDS && into === FAILS ? "surely" : "maybe";
  };
  const byAny = (how: "surely" | "maybe") =>
    numbers.filter((cell) => fallsFor(to.best, other.best, cell) === how);
  const byOne = to.byDoor.flatMap((each, d): Differing[] => {
    const { transport, clientCertificate } = each.door;
    if (clientCertificate !== undefined || (transport !== "plain" && transport !== "tls")) return [];
    const [codes, others] = [to.codes[d] as Uint8Array, other.codes[d] as Uint8Array];
    const falls = (how: "surely" | "maybe") =>
      numbers.filter((cell) => fallsFor(codes, others, cell) === how);
    const part = { doors: [each], only: transport === "tls" ? "with TLS" : "without TLS" } as const;
    return [
      { ...part, cells: falls("surely").filter((cell) => other.best[cell] !== FAILS) },
      {
        ...part,
        maybe: true,
        cells: falls("maybe").filter((cell) => fallsFor(to.best, other.best, cell) === undefined),
      },
    ];
  });
  return [
    { cells: byAny("surely"), doors: to.byDoor },
    { cells: byAny("maybe"), doors: to.byDoor, maybe: true },
    ...byOne,
  ];
}

/** From addresses, and by the socket. */
function changesTo(to: Best, { cells, doors, maybe, only }: Differing): Change[] {
  const parts = [
    cells.filter((cell) => cell !== socketOf(to)),
    cells.filter((cell) => cell === socketOf(to)),
  ];
  return parts.flatMap((part, isSocket) =>
    part.length === 0
      ? []
      : [
          {
            ...(maybe && { maybe }),
            replication: to.target.replication,
            databases: [to.target.database],
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
      const { outcome, rule, candidates } = matchIn(cell);
      if (outcome === "fails") return [];
      return rule === undefined ? candidates.filter((line) => line.kind === "rule") : [rule];
    }),
  );
  return [...new Set(rules)];
}
