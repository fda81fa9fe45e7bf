import { type Dialect, isCockroachdb } from "../dialect";
import type { EffectiveRule } from "../match/effective";
import type { HbaEntry, Token } from "../model";
import { nameKind } from "../name-kind";
import { foldName } from "../names";
import { compileRegularExpression, type RegularExpression } from "../regular-expression/regular-expression";
import { transportsOf } from "../transport";
import { CoveredAddresses, covering, placeOf, type Steps } from "./covered-addresses";

type Column = "database" | "user";

/** How many keys are looked up and steps of expressions taken for one text, and how many keys kept: seconds, whatever it is. */
const MAX_STEPS = 4_000_000;
const MAX_KEYS = 1_000_000;

/**
 * The rules so far, by what they match, so that a text of many thousand is not compared line by line: whatever may cover
 * a way in (a transport, one entry of the user list, one of the database list) is spelled as a key and looked up, with the
 * addresses that are taken there.
 */
export class EarlierRules implements Steps {
  readonly #dialect: Dialect;
  readonly #covered = new Map<string, CoveredAddresses>();
  readonly #patterns = {
    database: new Map<string, RegularExpression>(),
    user: new Map<string, RegularExpression>(),
  };
  #count = 0;
  #steps = 0;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** A text whose lists multiply to more than can be compared: nothing more is found. */
  get areUsedUp(): boolean {
    return this.#steps > MAX_STEPS || this.#covered.size > MAX_KEYS;
  }

  take(count: number): void {
    this.#steps += count;
  }

  add(rule: EffectiveRule): void {
    const earlier = { order: this.#count++, rule };
    const { users, databases, address: where, connection } = rule.entry;
    this.#remember(rule.entry);
    const place = placeOf(where);
    const databaseNames = databases.map((database) => this.#name(database, "database"));
    const transports = transportsOf(connection.type, this.#dialect);
    for (const user of users) {
      const name = this.#name(user, "user");
      for (const database of databaseNames) {
        if (this.areUsedUp) return;
        for (const transport of transports) {
          const key = keyOf(transport, name, database);
          const covered = this.#covered.get(key) ?? new CoveredAddresses();
          covered.add(place, earlier, this);
          this.#covered.set(key, covered);
        }
      }
    }
  }

  /** For each user of a rule, the first rules that match its logins; nothing where some login gets to this one. */
  covering(entry: HbaEntry): (readonly EffectiveRule[] | undefined)[] {
    const transports = transportsOf(entry.connection.type, this.#dialect);
    if (transports.length === 0) return entry.users.map(() => undefined);
    const place = placeOf(entry.address);
    const databases = entry.databases.map((database) => this.#namesCovering(database, "database"));
    return entry.users.map((user) => {
      const users = this.#namesCovering(user, "user");
      const rules = new Set<EffectiveRule>();
      for (const names of databases) {
        for (const transport of transports) {
          if (this.areUsedUp) return undefined;
          const covered = this.#coveredFor(transport, users, names);
          const first = covering(covered, place, this);
          if (first === undefined) return undefined;
          for (const rule of first) rules.add(rule);
        }
      }
      return [...rules];
    });
  }

  #coveredFor(transport: string, users: readonly string[], databases: readonly string[]): CoveredAddresses[] {
    this.#steps += users.length * databases.length;
    return users.flatMap((user) =>
      databases.flatMap((database) => this.#covered.get(keyOf(transport, user, database)) ?? []),
    );
  }

  #remember({ users, databases }: HbaEntry): void {
    for (const [column, tokens] of [["user", users] as const, ["database", databases] as const]) {
      for (const token of tokens) {
        const { [column]: patterns } = this.#patterns;
        if (nameKind(token, column, this.#dialect) !== "pattern" || patterns.has(token.value)) continue;
        const compiled = compileRegularExpression(token.value.slice(1));
        if (compiled !== undefined) patterns.set(token.value, compiled);
      }
    }
  }

  #name(token: Token, column: Column): string {
    // CockroachDB's rules are for every database.
    if (column === "database" && isCockroachdb(this.#dialect)) return "all";
    const kind = nameKind(token, column, this.#dialect);
    if (kind === "all") return kind;
    if (isCockroachdb(this.#dialect)) return `${kind} ${foldName(token.value)}`;
    return `${kind} ${token.value === "samegroup" ? "samerole" : token.value}`;
  }

  #namesCovering(token: Token, column: Column): string[] {
    const own = this.#name(token, column);
    // `all` is every database, but no replication connection.
    if (own === "all" || own === "keyword replication") return [own];
    const matching = own.startsWith("literal ") ? this.#patternsMatching(token.value, column) : [];
    return ["all", own, ...matching.map((pattern) => `pattern ${pattern}`)];
  }

  #patternsMatching(name: string, column: Column): string[] {
    const matching: string[] = [];
    for (const [pattern, expression] of this.#patterns[column]) {
      if (this.areUsedUp) break;
      // Most stop at the first character; to begin takes as long as a few keys.
      this.#steps += 5 + (expression.cost * name.length) / 50;
      if (expression.matches(name)) matching.push(pattern);
    }
    return matching;
  }
}

/** No name holds a NUL. */
function keyOf(...parts: readonly string[]): string {
  return parts.join("\0");
}
