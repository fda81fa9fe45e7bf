import { type Dialect, isCockroachdb } from "../dialect";
import type { EffectiveRule } from "../match/effective";
import type { AddressSpec, HbaEntry, Token } from "../model";
import { nameKind } from "../name-kind";
import { foldName } from "../names";
import { matchesRegularExpression } from "../regular-expression/regular-expression";
import { type Transport, transportsOf } from "../transport";

/** One way in: a transport, one entry of the user list, one of the database list, and the addresses of its rule. */
export interface Way {
  readonly transport: Transport;
  readonly user: Token;
  readonly database: Token;
  readonly address: AddressSpec | undefined;
}

export function waysOf(entry: HbaEntry, user: Token, dialect: Dialect): Way[] {
  const { databases, address, connection } = entry;
  const transports = transportsOf(connection.type, dialect);
  return databases.flatMap((database) =>
    transports.map((transport) => ({ transport, user, database, address })),
  );
}

type Column = "database" | "user";

/**
 * The rules so far, by what they match, so that a text of many thousand is not compared line by line: whatever may cover
 * a way is spelled as a key and looked up.
 */
export class EarlierRules {
  readonly #dialect: Dialect;
  readonly #first = new Map<string, { readonly order: number; readonly rule: EffectiveRule }>();
  readonly #masks = new Map<string, { readonly family: 4 | 6; readonly mask: bigint }>();
  readonly #patterns = { database: new Set<string>(), user: new Set<string>() };
  #count = 0;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  add(rule: EffectiveRule): void {
    const order = this.#count++;
    for (const user of rule.entry.users) {
      for (const way of waysOf(rule.entry, user, this.#dialect)) {
        this.#remember(way);
        const key = keyOf(
          way.transport,
          this.#name(way.user, "user"),
          this.#name(way.database, "database"),
          address(way.address),
        );
        if (!this.#first.has(key)) this.#first.set(key, { order, rule });
      }
    }
  }

  /** The first rule that matches every login of this way. */
  firstCovering(way: Way): EffectiveRule | undefined {
    const addresses = this.#addressesCovering(way.address);
    const databases = this.#namesCovering(way.database, "database");
    const covering = this.#namesCovering(way.user, "user").flatMap((user) =>
      databases.flatMap((database) =>
        addresses.flatMap((where) => this.#first.get(keyOf(way.transport, user, database, where)) ?? []),
      ),
    );
    return covering.sort((a, b) => a.order - b.order)[0]?.rule;
  }

  #remember({ user, database, address }: Way): void {
    if (address?.kind === "network") {
      const { family, mask } = address.network;
      this.#masks.set(`${family} ${mask}`, { family, mask });
    }
    for (const [column, token] of [["user", user] as const, ["database", database] as const]) {
      if (nameKind(token, column, this.#dialect) === "pattern") this.#patterns[column].add(token.value);
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
    const patterns = own.startsWith("literal ") ? [...this.#patterns[column]] : [];
    const matching = patterns.filter(
      (pattern) => matchesRegularExpression(pattern.slice(1), token.value) === true,
    );
    return ["all", own, ...matching.map((pattern) => `pattern ${pattern}`)];
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
        const domains = [...name.matchAll(/\./g)].map(({ index }) => `host ${name.slice(index)}`);
        return ["all", `host ${name}`, ...domains];
      }
      case "network": {
        const { family, base, mask } = inner.network;
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
