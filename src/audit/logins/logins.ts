import type { AccessFacts, LoginRole } from "../../database/contract/access";
import type { EffectiveLine, HbaLogin, HbaMatch } from "../../hba";
import { isCockroachdb } from "../../hba/dialect";
import { formatIp } from "../../hba/ip";
import { visitorOf } from "../../hba/match/login";
import { explainPrepared } from "../../hba/match/match";
import { judgeDatabase, judgeUser } from "../../hba/match/match-entry";
import type { PreparedRules } from "../../hba/match/prepare";
import { type NameKind, nameKind } from "../../hba/name-kind";
import { type Range, rangeOf } from "../../hba/ranges";
import { type Transport, transportsOf } from "../../hba/transport";
import { Cells, EVERYWHERE, LOOPBACK, reachOf } from "./cells";
import { type Candidate, type Deciding, decidingIn, type Match } from "./deciding";
import { type Door, doorsOf } from "./doors";
import { linesForDatabases, linesForUsers, type RuleIndex } from "./index-of-rules";

/** What happens to the logins of a role by one door to one target. */
export interface Outcomes {
  readonly door: Door;
  /** By the number of the cell; by the socket, which has no addresses, it is the same for all. */
  matchIn(cell: number): HbaMatch;
  /** Each that there is in some cell, once. */
  matches(): Iterable<HbaMatch>;
}

/** Where logins go: to a database that some rule names, or that exists; to any other one; or to none, for replication. */
export interface Target {
  readonly database: string | undefined;
  readonly replication: boolean;
}

/** The logins of a role to one target: to all of one cell by one door the same happens. */
export interface LoginsTo {
  readonly target: Target;
  readonly cells: Cells;
  readonly byDoor: readonly Outcomes[];
}

/** All logins that a role may try under a text. */
export type Logins = readonly LoginsTo[];

/** A name that no database has: PostgreSQL's names hold no NUL. */
const ANY_OTHER = "\0";

/**
 * What happens to every login under each of the texts, exactly: the address space is cut at the ends of the networks that the
 * rules name, and a login pays for the rules that may concern it alone. Where a host name, an included file or a mask with
 * gaps may decide, the outcome is unknown.
 *
 * @returns for a role, its logins under each text, with the same targets and the same cells; and what is the same for all
 *   roles whose logins come to the same, but for their names
 */
export function loginsUnder(
  texts: readonly PreparedRules[],
  { databases }: Pick<AccessFacts, "databases">,
): (role: LoginRole) => { readonly logins: () => readonly Logins[]; readonly likeness: string } {
  const forUser = texts.map((rules) => linesForUsers(rules));
  const known = new Map<string, Concerned>();
  return (role) => {
    const places = texts.map(({ dialect }, text) => forUser[text]?.(visitorOf(loginOf(role), dialect)) ?? []);
    const key = places.join("|");
    const concerned = known.get(key) ?? concernedBy(texts, places, known.size);
    known.set(key, concerned);
    return {
      logins: () => {
        const targets = targetsOf(concerned, role, databases);
        const cells = targets.map((target) => new Cells([...LOOPBACK, ...cutsFor(concerned.texts, target)]));
        return concerned.texts.map((text) =>
          targets.map((target, i) => loginsTo(text, role, target, cells[i] as Cells)),
        );
      },
      likeness: likenessOf(role, concerned),
    };
  };
}

/** A text, and which of its lines are for a role. */
interface Indexed {
  readonly rules: PreparedRules;
  readonly byDatabase: RuleIndex;
}

/** Roles that the same lines are for. */
interface Concerned {
  readonly id: number;
  readonly texts: readonly Indexed[];
  /** Whether some line is for databases that are called as the role is, or as a role that it is a member of. */
  readonly bySameName: boolean;
}

function concernedBy(
  texts: readonly PreparedRules[],
  places: readonly (readonly number[])[],
  id: number,
): Concerned {
  const indexed = texts.map((rules, text) => ({
    rules,
    byDatabase: linesForDatabases(rules, places[text] ?? []),
  }));
  return { id, texts: indexed, bySameName: indexed.some((text) => generalTokens(text).some(isSameName)) };
}

/** What the database columns hold of the lines that are not for databases by nothing but their names. */
function generalTokens({
  rules,
  byDatabase,
}: Indexed): { readonly kind: NameKind; readonly value: string }[] {
  if (isCockroachdb(rules.dialect)) return [];
  return byDatabase.general.flatMap((place) => {
    const line = rules.lines[place];
    const tokens = line?.kind === "rule" ? line.entry.databases : [];
    return tokens.map((token) => ({ kind: nameKind(token, "database", rules.dialect), value: token.value }));
  });
}

function isSameName({ kind, value }: { readonly kind: NameKind; readonly value: string }): boolean {
  return kind === "keyword" && value !== "replication";
}

/** What of a role decides: the rules that are for it, and what it has. */
function likenessOf(role: LoginRole, { id, bySameName }: Concerned): string {
  const { name, memberOf, storedHash, expired, login, replication, certificateSubject } = role;
  return JSON.stringify([
    id,
    bySameName ? [name, ...memberOf] : null,
    storedHash.kind,
    storedHash.kind === "scram-sha-256" ? storedHash.verifier.iterations : null,
    expired,
    login,
    replication,
    certificateSubject,
  ]);
}

function targetsOf(
  { texts }: Concerned,
  role: LoginRole,
  databases: readonly string[] | undefined,
): Target[] {
  const tokens = texts.flatMap(generalTokens);
  const hasPatterns = tokens.some(({ kind }) => kind === "pattern");
  const names = new Set([
    ...texts.flatMap(({ byDatabase }) => [...byDatabase.names]),
    ...tokens.filter(({ kind }) => kind === "literal").map(({ value }) => value),
    ...(tokens.some(isSameName) ? [role.name, ...role.memberOf] : []),
    ...((hasPatterns && databases) || []),
  ]);
  // What an expression says of databases that are not there is not known, nor does it matter.
  const others = hasPatterns && databases !== undefined ? [] : [undefined];
  const replicates = role.replication && texts.some(({ rules }) => !isCockroachdb(rules.dialect));
  return [
    ...[...names, ...others].map((database) => ({ database, replication: false })),
    ...(replicates ? [{ database: undefined, replication: true }] : []),
  ];
}

function* cutsFor(indexed: readonly Indexed[], { database }: Target): Iterable<Range> {
  for (const { rules, byDatabase } of indexed) {
    for (const place of byDatabase.placesFor(database)) {
      const line = rules.lines[place];
      if (line?.kind === "rule") yield* reachOf(line.entry, rules).sure;
    }
  }
}

function loginsTo(text: Indexed, role: LoginRole, target: Target, cells: Cells): LoginsTo {
  const byTransport = new Map<Transport, Deciding>();
  const byDoor = doorsOf(role, text.rules.dialect).map((door): Outcomes => {
    const login = loginOf(role, door, target);
    const deciding =
      byTransport.get(door.transport) ??
      decidingIn(cells, candidatesFor(text, login, door.transport, target));
    byTransport.set(door.transport, deciding);
    const known = new Map<string | number, HbaMatch>();
    const bySocket = door.transport === "local";
    const matchIn = (cell: number): HbaMatch => {
      const open = deciding[bySocket ? 0 : cell] ?? [];
      const same = open.length === 1 && open[0]?.sure ? open[0].place : open.map(placeOf).join();
      const match = known.get(same) ?? matchOf(text.rules, login, door, cells.ranges[cell], open);
      known.set(same, match);
      return match;
    };
    const numbers = bySocket ? [0] : [...cells.ranges.keys()];
    return { door, matchIn, matches: () => new Set(numbers.map(matchIn)) };
  });
  return { target, cells, byDoor };
}

function placeOf({ place, sure }: Match): number {
  return sure ? place : -place - 1;
}

/** The lines that may decide, if the address is one of theirs. */
function candidatesFor(
  { rules, byDatabase }: Indexed,
  login: HbaLogin,
  transport: Transport,
  target: Target,
): Candidate[] {
  const { dialect } = rules;
  const visitor = visitorOf({ ...login, address: transport === "local" ? "local" : SOMEWHERE }, dialect);
  return byDatabase.placesFor(target.database).flatMap((place): Candidate[] => {
    const line = rules.lines[place] as EffectiveLine;
    if (line.kind === "include") return [{ place, reach: EVERYWHERE, sure: false }];
    const { entry } = line;
    if (!transportsOf(entry.connection.type, dialect).includes(transport)) return [];
    const user = judgeUser(entry.users, visitor, dialect).matches;
    const database = judgeTarget(entry.databases, target, visitor, rules);
    if (user === "no" || database === "no") return [];
    return [{ place, reach: reachOf(entry, rules), sure: user === "yes" && database === "yes" }];
  });
}

/** Documentation addresses, RFC 5737. */
const SOMEWHERE = "192.0.2.1";

/** Of any other database a regular expression says nothing. */
function judgeTarget(
  databases: Parameters<typeof judgeDatabase>[0],
  { database, replication }: Target,
  visitor: Parameters<typeof judgeDatabase>[1],
  { dialect }: PreparedRules,
): "yes" | "no" | "unknown" {
  const { matches } = judgeDatabase(databases, visitor, dialect);
  if (database !== undefined || replication || matches === "yes") return matches;
  return databases.some((token) => nameKind(token, "database", dialect) === "pattern") ? "unknown" : matches;
}

function matchOf(
  rules: PreparedRules,
  login: HbaLogin,
  { transport }: Door,
  range: Range | undefined,
  open: readonly Match[],
): HbaMatch {
  const address =
    transport === "local" || range === undefined
      ? "local"
      : formatIp({ family: range.family, bits: range.first });
  const lines = open.map(({ place }) => rules.lines[place] as EffectiveLine);
  // It matches some of the cell's addresses, and here one is asked for all.
  if (lines.some(hasGaps)) return notKnown("A mask with gaps in it is not looked into", lines);
  const explain = (database: string, among: readonly EffectiveLine[]) =>
    explainPrepared(rules, { ...login, database, address }, among).match;
  const match = explain(login.database, lines);
  // As any other database one is asked that no expression matches. Where one may, the same has to come of it.
  const byPattern = open.flatMap(({ sure }, i) =>
    sure || login.database !== ANY_OTHER ? [] : lines.slice(i, i + 1).flatMap(forEveryDatabase),
  );
  if (byPattern.length === 0) return match;
  const same = byPattern.every((line) => explain(login.database, [line]).outcome === match.outcome);
  return same
    ? { asks: "unknown", outcome: match.outcome, reason: match.reason, candidates: lines }
    : notKnown("Which databases a regular expression matches is not known", lines);
}

function notKnown(reason: string, candidates: readonly EffectiveLine[]): HbaMatch {
  return { asks: "unknown", outcome: "unknown", reason, candidates };
}

/** A rule as if what its regular expression matches were every database; nothing of one without any. */
function forEveryDatabase(line: EffectiveLine): EffectiveLine[] {
  if (line.kind === "include") return [];
  const { entry } = line;
  const pattern = entry.databases.find(({ value }) => value.startsWith("/"));
  if (pattern === undefined) return [];
  return [{ ...line, entry: { ...entry, databases: [{ ...pattern, value: "all", quoted: false }] } }];
}

function hasGaps(line: EffectiveLine): boolean {
  if (line.kind === "include" || line.entry.address?.kind !== "network") return false;
  return rangeOf(line.entry.address.network) === undefined;
}

function loginOf(role: LoginRole, door?: Door, target?: Target): HbaLogin {
  const { name, storedHash, expired, memberOf, login, certificateSubject } = role;
  return {
    user: name,
    database: target?.database ?? ANY_OTHER,
    address: "local",
    tls: door?.tls ?? false,
    storedHash,
    expired,
    memberOf,
    canLogin: login,
    ...(target?.replication && { replication: true }),
    ...(door?.gssEncryption && { gssEncryption: true }),
    ...(door?.clientCertificate && { clientCertificate: door.clientCertificate }),
    ...(certificateSubject !== undefined && { certificateSubject }),
  };
}
