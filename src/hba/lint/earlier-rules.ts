import { type Dialect, isCockroachdb } from "../dialect";
import type { EffectiveRule } from "../match/effective";
import type { AddressSpec, HbaEntry, Token } from "../model";
import { nameKind } from "../name-kind";
import { foldName } from "../names";
import { compileRegularExpression, type RegularExpression } from "../regular-expression/regular-expression";
import { transportsOf } from "../transport";

type Column = "database" | "user";

/** How many keys are looked up and steps of expressions taken for one text, and how many keys kept: seconds, whatever it is. */
const MAX_STEPS = 4_000_000;
const MAX_KEYS = 1_000_000;

/** No name in DNS is longer. */
const MAX_HOST_NAME = 253;

/**
 * The rules so far, by what they match, so that a text of many thousand is not compared line by line: whatever may cover
 * a way in (a transport, one entry of the user list, one of the database list, and the addresses of its rule) is spelled as a
 * key and looked up.
 */
export class EarlierRules {
  readonly #dialect: Dialect;
  readonly #first = new Map<string, { readonly order: number; readonly rule: EffectiveRule }>();
  readonly #masks = new Map<string, { readonly family: 4 | 6; readonly mask: bigint }>();
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
  get isExhausted(): boolean {
    return this.#steps > MAX_STEPS || this.#first.size > MAX_KEYS;
  }

  add(rule: EffectiveRule): void {
    const order = this.#count++;
    const { users, databases, address: where, connection } = rule.entry;
    this.#remember(rule.entry);
    const place = address(where);
    const databaseNames = databases.map((database) => this.#name(database, "database"));
    const transports = transportsOf(connection.type, this.#dialect);
    for (const user of users) {
      const name = this.#name(user, "user");
      for (const database of databaseNames) {
        if (this.isExhausted) return;
        for (const transport of transports) {
          const key = keyOf(transport, name, database, place);
          if (!this.#first.has(key)) this.#first.set(key, { order, rule });
        }
      }
    }
  }

  /** For each user of a rule, the first rules that match its logins; nothing where some login gets to this one. */
  covering(entry: HbaEntry): (readonly EffectiveRule[] | undefined)[] {
    const transports = transportsOf(entry.connection.type, this.#dialect);
    if (transports.length === 0) return entry.users.map(() => undefined);
    const addresses = this.#addressesCovering(entry.address);
    const databases = entry.databases.map((database) => this.#namesCovering(database, "database"));
    return entry.users.map((user) => {
      const users = this.#namesCovering(user, "user");
      const rules = new Set<EffectiveRule>();
      for (const names of databases) {
        for (const transport of transports) {
          if (this.isExhausted) return undefined;
          const rule = this.#firstOf(transport, users, names, addresses);
          if (rule === undefined) return undefined;
          rules.add(rule);
        }
      }
      return [...rules];
    });
  }

  #firstOf(
    transport: string,
    users: readonly string[],
    databases: readonly string[],
    addresses: readonly string[],
  ): EffectiveRule | undefined {
    this.#steps += users.length * databases.length * addresses.length;
    let first: { readonly order: number; readonly rule: EffectiveRule } | undefined;
    for (const user of users) {
      for (const database of databases) {
        for (const where of addresses) {
          const found = this.#first.get(keyOf(transport, user, database, where));
          if (found !== undefined && (first === undefined || found.order < first.order)) first = found;
        }
      }
    }
    return first?.rule;
  }

  #remember({ users, databases, address }: HbaEntry): void {
    if (address?.kind === "network") {
      const { family, mask } = address.network;
      this.#masks.set(`${family} ${mask}`, { family, mask });
    }
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
      if (this.isExhausted) break;
      // Most stop at the first character; to begin takes as long as a few keys.
      this.#steps += 5 + (expression.cost * name.length) / 50;
      if (expression.matches(name)) matching.push(pattern);
    }
    return matching;
  }

  /** One rule at a time: that 0.0.0.0/0 and ::/0 together are `all` is not seen. */
  #addressesCovering(inner: AddressSpec | undefined): string[] {
    switch (inner?.kind) {
      case undefined:
      case "all":
        return [address(inner)];
      case "samehost":
        return ["all", "samehost", "samenet"];
      case "samenet":
        return ["all", "samenet"];
      case "host": {
        const name = inner.token.value.toLowerCase();
        const dots = name.length > MAX_HOST_NAME ? [] : [...name.matchAll(/\./g)];
        return ["all", `host ${name}`, ...dots.map(({ index }) => `host ${name.slice(index)}`)];
      }
      case "network": {
        const { family, base, mask } = inner.network;
        this.#steps += this.#masks.size;
        const wider = [...this.#masks.values()].filter(
          (outer) => outer.family === family && (outer.mask & ~mask) === 0n,
        );
        return ["all", ...wider.map((outer) => network(family, base, outer.mask))];
      }
    }
  }
}

/** No name holds a NUL. */
function keyOf(...parts: readonly string[]): string {
  return parts.join("\0");
}

function address(spec: AddressSpec | undefined): string {
  if (spec === undefined) return "local";
  if (spec.kind === "host") return `host ${spec.token.value.toLowerCase()}`;
  if (spec.kind !== "network") return spec.kind;
  return network(spec.network.family, spec.network.base, spec.network.mask);
}

function network(family: 4 | 6, base: bigint, mask: bigint): string {
  return `${family} ${base & mask} ${mask}`;
}
