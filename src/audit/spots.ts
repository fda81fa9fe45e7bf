import type { EffectiveLine, HbaLogin } from "../hba";
import type { PreparedRules } from "../hba/match/prepare";
import { both, type Lines, linesFor, type Member, membersOf, reached, type Text, textOf } from "./line-sets";
import { entriesOf, namesOwnDatabase } from "./named";

/** From where to where a login goes. */
export interface Spot {
  readonly address: string;
  readonly database: string;
  /** Of each of the texts the lines that may match there. */
  readonly lines: ReadonlyMap<PreparedRules, readonly EffectiveLine[]>;
}

/** Who comes, without where from and where to. */
type Who = Omit<HbaLogin, "address" | "database" | "tls">;

/**
 * What pairs addresses with databases, for a role. Where the same lines may match, the same comes of a login: of such pairs the
 * first is enough, and all of them would be millions under a hundred rules.
 */
export function spotsFrom(
  texts: readonly PreparedRules[],
  addresses: readonly string[],
  databases: readonly string[],
): (who: Who) => readonly Spot[] {
  const all = membersOf(texts);
  const sets = texts.map((text) => textOf(text, all));
  const nobody: Who = { user: "", storedHash: { kind: "none" } };
  const sources = addresses.map((address) => ({
    address,
    lines: linesFor(all, "address", at(nobody, { address })),
  }));
  const ownNames = texts.flatMap(entriesOf).some(namesOwnDatabase);
  const known = new Map<string, readonly Spot[]>();

  return (who) => {
    const own = ownNames ? [who.user, ...(who.memberOf ?? [])] : [];
    const user = linesFor(all, "user", at(who, {}));
    const key = [keyOf(user), who.replication, ...own].join("\n");
    const before = known.get(key);
    if (before !== undefined) return before;
    const mine = all.filter(({ bit }) => (user.may & bit) !== 0n);
    const from = firsts(sources.map((source) => ({ ...source, lines: both(source.lines, user) })));
    const to = firsts(
      [...new Set([...databases, ...own])].map((database) => ({
        database,
        lines: both(user, linesFor(mine, "database", at(who, { database }))),
      })),
    );
    const spots = firsts(pairs(from, to, sets)).map(({ lines: { may }, ...spot }) => ({
      ...spot,
      lines: byText(texts, mine, may),
    }));
    known.set(key, spots);
    return spots;
  };
}

function at(who: Who, place: Partial<HbaLogin>): HbaLogin {
  return { ...who, address: "local", database: "", tls: false, ...place };
}

interface Some {
  readonly lines: Lines;
}

/** Those whose lines nothing before them has. */
function firsts<T extends Some>(all: Iterable<T>): T[] {
  const found = new Map<string, T>();
  for (const each of all) {
    const key = keyOf(each.lines);
    if (!found.has(key)) found.set(key, each);
  }
  return [...found.values()];
}

function* pairs<A extends Some, B extends Some>(
  sources: readonly A[],
  targets: readonly B[],
  texts: readonly Text[],
): Iterable<A & B> {
  for (const target of targets) {
    for (const source of sources) {
      yield { ...source, ...target, lines: reached(both(source.lines, target.lines), texts) };
    }
  }
}

function keyOf({ may, sure }: Lines): string {
  return `${may.toString(32)} ${sure.toString(32)}`;
}

function byText(texts: readonly PreparedRules[], members: readonly Member[], set: bigint): Spot["lines"] {
  const open = members.filter(({ bit }) => (set & bit) !== 0n);
  return new Map(
    texts.map((text) => [text, open.filter((member) => member.text === text).map(({ line }) => line)]),
  );
}
