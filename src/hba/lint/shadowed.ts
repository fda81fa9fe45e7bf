import { describeEntry } from "../describe";
import type { Dialect } from "../dialect";
import { isCockroachdb } from "../dialect";
import { covers } from "../ip";
import { type EffectiveRule, effectiveConfiguration } from "../match/effective";
import type { AddressSpec, Field, HbaEntry, HbaFile, Token } from "../model";
import { nameKind } from "../name-kind";
import { foldName } from "../names";
import { matchesRegularExpression } from "../regular-expression/regular-expression";
import { type Transport, transportsOf } from "../transport";
import { type HbaFinding, info, warning } from "./finding";

/** Rules, and users in a rule's list, that no login reaches because earlier rules match all of it. */
export function shadowed(file: HbaFile): HbaFinding[] {
  const { lines, notUsed } = effectiveConfiguration(file);
  if (notUsed !== undefined) return [];
  const rules = lines.filter((line) => line.kind === "rule");
  return rules.flatMap((rule, index) =>
    rule.origin === "text" ? shadowedRule(rule, rules.slice(0, index), file.dialect) : [],
  );
}

/** One way in: a transport, one entry of the user list and one of the database list. */
interface Way {
  readonly transport: Transport;
  readonly user: Token;
  readonly database: Token;
}

function shadowedRule(
  { entry }: EffectiveRule,
  earlier: readonly EffectiveRule[],
  dialect: Dialect,
): HbaFinding[] {
  const byUser = entry.users.map((user) => {
    const ways = waysOf(entry, user, dialect);
    const covering = ways.map((way) =>
      earlier.find((rule) => coversWay(rule.entry, way, entry.address, dialect)),
    );
    const rules = covering.filter((rule) => rule !== undefined);
    return {
      user,
      shadow: ways.length > 0 && rules.length === ways.length ? [...new Set(rules)] : undefined,
    };
  });
  if (byUser.every(({ shadow }) => shadow !== undefined)) {
    return [unreachable(entry, [...new Set(byUser.flatMap(({ shadow = [] }) => shadow))])];
  }
  return byUser.flatMap(({ user, shadow }) =>
    shadow === undefined
      ? []
      : [
          warning(
            "user-unreachable",
            user,
            `\`${user.raw}\` never gets to this rule, for ${name(shadow)} always comes first`,
          ),
        ],
  );
}

function unreachable(entry: HbaEntry, shadow: readonly EffectiveRule[]): HbaFinding {
  const { token } = entry.connection;
  const same = shadow.every((rule) => methodText(rule.entry) === methodText(entry));
  return same
    ? info("rule-redundant", token, `The rule changes nothing, for ${name(shadow)} already does the same`)
    : warning(
        "rule-unreachable",
        token,
        `No login reaches this rule, for ${name(shadow)} always comes first`,
      );
}

function methodText({ method, options }: HbaEntry): string {
  return [method.value, ...options.map((option) => option.token.value)].join(" ");
}

function name(rules: readonly EffectiveRule[]): string {
  return rules
    .map(({ line, entry }) =>
      line === undefined
        ? `CockroachDB's own rule (\`${describeEntry(entry)}\`)`
        : `line ${line} (\`${describeEntry(entry)}\`)`,
    )
    .join(" or ");
}

function waysOf(entry: HbaEntry, user: Token, dialect: Dialect): Way[] {
  const transports = transportsOf(entry.connection.type, dialect);
  return entry.databases.flatMap((database) =>
    transports.map((transport) => ({ transport, user, database })),
  );
}

function coversWay(outer: HbaEntry, way: Way, address: AddressSpec | undefined, dialect: Dialect): boolean {
  return (
    transportsOf(outer.connection.type, dialect).includes(way.transport) &&
    coversAddress(outer.address, address) &&
    (isCockroachdb(dialect) || coversName(outer.databases, way.database, "database", dialect)) &&
    coversName(outer.users, way.user, "user", dialect)
  );
}

/** One rule at a time: that 0.0.0.0/0 and ::/0 together are `all` is not seen. */
function coversAddress(outer: AddressSpec | undefined, inner: AddressSpec | undefined): boolean {
  if (outer === undefined || inner === undefined) return outer === inner;
  if (outer.kind === "all") return true;
  if (outer.kind === "network") return inner.kind === "network" && covers(outer.network, inner.network);
  if (outer.kind === "host") return inner.kind === "host" && coversHost(outer.token.value, inner.token.value);
  return inner.kind === outer.kind || (outer.kind === "samenet" && inner.kind === "samehost");
}

function coversHost(outer: string, inner: string): boolean {
  const [a, b] = [outer.toLowerCase(), inner.toLowerCase()];
  return a.startsWith(".") ? b.endsWith(a) : a === b;
}

function coversName(outer: Field, inner: Token, column: "database" | "user", dialect: Dialect): boolean {
  const kind = nameKind(inner, column, dialect);
  const isReplication = column === "database" && kind === "keyword" && inner.value === "replication";
  return outer.some((token) => {
    const outerKind = nameKind(token, column, dialect);
    if (outerKind === "all") return !isReplication;
    if (outerKind === "pattern" && kind === "literal") {
      return matchesRegularExpression(token.value.slice(1), inner.value) === true;
    }
    return outerKind === kind && meaning(token, dialect) === meaning(inner, dialect);
  });
}

function meaning({ value }: Token, dialect: Dialect): string {
  if (isCockroachdb(dialect)) return foldName(value);
  return value === "samegroup" ? "samerole" : value;
}
