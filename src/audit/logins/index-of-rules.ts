import { type Dialect, isCockroachdb } from "../../hba/dialect";
import type { EffectiveLine } from "../../hba/match/effective";
import { type Visitor, visitorOf } from "../../hba/match/login";
import { judgeUser } from "../../hba/match/match-entry";
import type { PreparedRules } from "../../hba/match/prepare";
import type { Token } from "../../hba/model";
import { nameKind } from "../../hba/name-kind";

/**
 * Lines of a text by the names in one of their columns, so that a login pays for those alone that may concern it. A line is
 * known by its place.
 */
export class RuleIndex {
  readonly #byName = new Map<string, number[]>();
  /** Of lines that have more than names there. */
  readonly #general: number[] = [];

  constructor(places: Iterable<number>, namesOf: (place: number) => readonly string[] | undefined) {
    for (const place of places) {
      const names = namesOf(place);
      if (names === undefined) this.#general.push(place);
      for (const name of new Set(names)) {
        const known = this.#byName.get(name);
        if (known === undefined) this.#byName.set(name, [place]);
        else known.push(place);
      }
    }
  }

  get names(): Iterable<string> {
    return this.#byName.keys();
  }

  get general(): readonly number[] {
    return this.#general;
  }

  /** In the order of the text. */
  placesFor(name: string | undefined): readonly number[] {
    const own = name === undefined ? undefined : this.#byName.get(name);
    return own === undefined ? this.#general : [...own, ...this.#general].sort((a, b) => a - b);
  }
}

/** What gives the places of the lines that may match a user, as far as their names go. */
export function linesForUsers(rules: PreparedRules): (visitor: Visitor) => readonly number[] {
  const { lines, dialect } = rules;
  const fold = (name: string) => visitorOf({ ...NOBODY, user: name }, dialect).user;
  const index = new RuleIndex(lines.keys(), (place) =>
    literalNames(lines[place], "user", dialect)?.map(fold),
  );
  return (visitor) =>
    index.placesFor(visitor.user).filter((place) => {
      const line = lines[place];
      return line?.kind !== "rule" || judgeUser(line.entry.users, visitor, dialect).matches !== "no";
    });
}

const NOBODY = {
  user: "",
  database: "",
  address: "local",
  tls: false,
  storedHash: { kind: "none" },
} as const;

/** Of those lines the ones for each database. CockroachDB's rules are for every one. */
export function linesForDatabases({ lines, dialect }: PreparedRules, places: readonly number[]): RuleIndex {
  return new RuleIndex(places, (place) =>
    isCockroachdb(dialect) ? undefined : literalNames(lines[place], "database", dialect),
  );
}

/** `undefined` where it may match more than the names in the column. */
function literalNames(
  line: EffectiveLine | undefined,
  column: "user" | "database",
  dialect: Dialect,
): string[] | undefined {
  if (line?.kind !== "rule") return undefined;
  const tokens: readonly Token[] = column === "user" ? line.entry.users : line.entry.databases;
  return tokens.every((token) => nameKind(token, column, dialect) === "literal")
    ? tokens.map(({ value }) => value)
    : undefined;
}
