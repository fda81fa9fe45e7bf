import type { AccessFacts, LoginRole } from "../../database/access";
import type { EffectiveLine, HbaLogin, HbaMatch } from "../../hba";
import { isCockroachdb } from "../../hba/dialect";
import { formatIp } from "../../hba/ip";
import { visitorOf } from "../../hba/match/login";
import { explainPrepared } from "../../hba/match/match";
import { judgeDatabase, judgeUser } from "../../hba/match/match-entry";
import type { PreparedRules } from "../../hba/match/prepare";
import { nameKind } from "../../hba/name-kind";
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
 *   roles to whom, but for their names, the same happens
 */
export function loginsUnder(
  texts: readonly PreparedRules[],
  { databases }: Pick<AccessFacts, "databases">,
): (role: LoginRole) => { readonly logins: () => readonly Logins[]; readonly likeness: string } {
  const forUser = texts.map((rules) => linesForUsers(rules));
  return (role) => {
    const indexed = texts.map((rules, text): Indexed => {
      const places = forUser[text]?.(visitorOf(loginOf(role), rules.dialect)) ?? [];
      return { rules, places, byDatabase: linesForDatabases(rules, places) };
    });
    const targets = targetsOf(indexed, role, databases);
    return {
      logins: () => {
        const cells = targets.map((target) => new Cells([...LOOPBACK, ...cutsFor(indexed, target)]));
        return indexed.map((text) =>
          targets.map((target, i) => loginsTo(text, role, target, cells[i] as Cells)),
        );
      },
      likeness: likenessOf(role, indexed, targets),
    };
  };
}

/** A text, and which of its lines are for a role. */
interface Indexed {
  readonly rules: PreparedRules;
  readonly places: readonly number[];
  readonly byDatabase: RuleIndex;
}

/** What of a role decides: the rules that are for it, and what it has. */
function likenessOf(role: LoginRole, indexed: readonly Indexed[], targets: readonly Target[]): string {
  const { storedHash, expired, login, certificateSubject } = role;
  const iterations = storedHash.kind === "scram-sha-256" ? storedHash.verifier.iterations : undefined;
  return JSON.stringify([
    indexed.map(({ places }) => places),
    targets,
    storedHash.kind,
    iterations,
    expired,
    login,
    certificateSubject,
  ]);
}

function targetsOf(
  indexed: readonly Indexed[],
  role: LoginRole,
  databases: readonly string[] | undefined,
): Target[] {
  const names = new Set<string | undefined>();
  let others = true;
  for (const { rules, byDatabase } of indexed) {
    if (isCockroachdb(rules.dialect)) continue;
    for (const name of byDatabase.names) names.add(name);
    for (const place of byDatabase.general) {
      const line = rules.lines[place];
      for (const token of line?.kind === "rule" ? line.entry.databases : []) {
        const kind = nameKind(token, "database", rules.dialect);
        if (kind === "literal") names.add(token.value);
        if (kind === "keyword" && token.value !== "replication")
          for (const name of [role.name, ...role.memberOf]) names.add(name);
        if (kind === "pattern" && databases !== undefined) {
          for (const name of databases) names.add(name);
          // What it says of those that are not there is not known, nor does it matter.
          others = false;
        }
      }
    }
  }
  if (others) names.add(undefined);
  const replicates = role.replication && indexed.some(({ rules }) => !isCockroachdb(rules.dialect));
  return [
    ...[...names].map((database) => ({ database, replication: false })),
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
  if (lines.some(hasGaps)) return { ...MASK_WITH_GAPS, candidates: lines };
  return explainPrepared(rules, { ...login, address }, lines).match;
}

const MASK_WITH_GAPS = {
  asks: "unknown",
  outcome: "unknown",
  reason: "A mask with gaps in it is not looked into",
} as const;

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
