import type { AccessFacts, LoginRole } from "../../database/access";
import type { EffectiveLine, HbaLogin, HbaMatch } from "../../hba";
import { isCockroachdb } from "../../hba/dialect";
import { formatIp } from "../../hba/ip";
import { visitorOf } from "../../hba/match/login";
import { explainPrepared } from "../../hba/match/match";
import { judgeDatabase, judgeUser } from "../../hba/match/match-entry";
import type { PreparedRules } from "../../hba/match/prepare";
import { nameKind } from "../../hba/name-kind";
import { type Transport, transportsOf } from "../../hba/transport";
import { type Mode, withCertificate } from "../attempts";
import { Cells, EVERYWHERE, LOOPBACK, type Range, rangeOf, reachOf } from "./cells";
import { type Candidate, type Deciding, decidingIn, type Match } from "./deciding";

/** How a login comes, apart from the address. */
export interface Door extends Mode {
  readonly transport: Transport;
  readonly replication: boolean;
}

/** A database that some rule names, or that exists; or any other one. */
export type Target = { readonly name: string } | { readonly name: undefined };

/** What happens to the logins of a role by one door to one database: in each cell, or by the socket in the only one. */
export interface Outcomes {
  readonly door: Door;
  readonly target: Target;
  /** In the order of the cells. */
  matchIn(cell: number): HbaMatch;
}

/** All logins that a role may try under a text, each of which has one outcome. */
export interface Logins {
  readonly cells: Cells;
  readonly outcomes: readonly Outcomes[];
}

/** A name that no database has: PostgreSQL's names hold no NUL. */
const ANY_OTHER = "\0";

interface Indexed {
  readonly rules: PreparedRules;
  /** Places of the lines that name users by nothing but their names, by name. */
  readonly byUser: ReadonlyMap<string, readonly number[]>;
  /** Places of the others. */
  readonly general: readonly number[];
}

/**
 * What happens to every login under each of the texts, exactly: the address space is cut at the ends of the networks that the
 * rules name, so that a role pays for the rules that may concern it alone. Where a host name, an included file or a mask with
 * gaps may decide, the outcome is unknown.
 *
 * @returns for a role, its logins under each text, all in the same cells and with the same targets; and what is the same for all
 *   roles to whom, but for their names, the same happens
 */
export function loginsUnder(
  texts: readonly PreparedRules[],
  { databases = [] }: Pick<AccessFacts, "databases">,
): (role: LoginRole) => { readonly logins: () => readonly Logins[]; readonly likeness: string } {
  const indexed = texts.map(indexOf);
  const known = new Map<string, Cells>();
  const painted = new Map<string, Deciding>();
  return (role) => {
    const places = indexed.map((text) => placesFor(text, role));
    const key = places.map((each) => each.join()).join("|");
    const targets = targetsOf(texts, places, role, databases);
    const logins = () => {
      const cells = known.get(key) ?? new Cells([...LOOPBACK, ...cutsOf(texts, places)]);
      known.set(key, cells);
      return texts.map((rules, text) => ({
        cells,
        outcomes: doorsOf(role, rules).flatMap((door) =>
          targets.map((target) =>
            outcomesOf(rules, role, door, target, cells, places[text] ?? [], painted, key + text),
          ),
        ),
      }));
    };
    return { logins, likeness: `${key}\n${likenessOf(role, targets)}` };
  };
}

/** What of a role decides, besides the rules that are for it. */
function likenessOf(role: LoginRole, targets: readonly Target[]): string {
  const { storedHash, expired, memberOf, login, replication, certificateSubject } = role;
  const iterations = storedHash.kind === "scram-sha-256" ? storedHash.verifier.iterations : null;
  const names = targets.map(({ name }) => name ?? null);
  return JSON.stringify([
    names,
    storedHash.kind,
    iterations,
    expired,
    memberOf,
    login,
    replication,
    certificateSubject,
  ]);
}

function indexOf(rules: PreparedRules): Indexed {
  const byUser = new Map<string, number[]>();
  const general: number[] = [];
  for (const [place, line] of rules.lines.entries()) {
    const users = line.kind === "rule" ? line.entry.users : [];
    if (
      line.kind === "rule" &&
      users.every((token) => nameKind(token, "user", rules.dialect) === "literal")
    ) {
      for (const { value } of users) {
        const name = visitorOf({ ...NOBODY, user: value }, rules.dialect).user;
        const places = byUser.get(name) ?? [];
        if (places.at(-1) !== place) byUser.set(name, [...places, place]);
      }
    } else general.push(place);
  }
  return { rules, byUser, general };
}

const NOBODY: HbaLogin = {
  user: "",
  database: "",
  address: "local",
  tls: false,
  storedHash: { kind: "none" },
};

/** Of the lines that may match the role's name, in the order of the text. */
function placesFor({ rules, byUser, general }: Indexed, role: LoginRole): number[] {
  const visitor = visitorOf(loginOf(role), rules.dialect);
  const mine = general.filter((place) => {
    const line = rules.lines[place];
    return line?.kind !== "rule" || judgeUser(line.entry.users, visitor, rules.dialect).matches !== "no";
  });
  return [...(byUser.get(visitor.user) ?? []), ...mine].sort((a, b) => a - b);
}

function* cutsOf(texts: readonly PreparedRules[], places: readonly (readonly number[])[]): Iterable<Range> {
  for (const [text, rules] of texts.entries()) {
    for (const place of places[text] ?? []) {
      const line = rules.lines[place];
      if (line?.kind === "rule") yield* reachOf(line.entry, rules).sure;
    }
  }
}

function targetsOf(
  texts: readonly PreparedRules[],
  places: readonly (readonly number[])[],
  role: LoginRole,
  databases: readonly string[],
): Target[] {
  const names = new Set<string>();
  for (const [text, rules] of texts.entries()) {
    if (isCockroachdb(rules.dialect)) continue;
    for (const place of places[text] ?? []) {
      const line = rules.lines[place];
      for (const token of line?.kind === "rule" ? line.entry.databases : []) {
        const kind = nameKind(token, "database", rules.dialect);
        if (kind === "literal") names.add(token.value);
        if (kind === "pattern") for (const name of databases) names.add(name);
        if (kind === "keyword" && token.value !== "replication")
          for (const name of [role.name, ...role.memberOf]) names.add(name);
      }
    }
  }
  return [...[...names].map((name) => ({ name })), { name: undefined }];
}

function doorsOf(role: LoginRole, { dialect }: PreparedRules): Door[] {
  const modes: readonly (Mode & { readonly transport: Transport })[] = [
    { transport: "local", tls: false },
    { transport: "plain", tls: false },
    { transport: "tls", tls: true },
    { transport: "tls", ...withCertificate(role) },
    ...(isCockroachdb(dialect) ? [] : [{ transport: "gss" as const, tls: false, gssEncryption: true }]),
  ];
  const kinds = role.replication && !isCockroachdb(dialect) ? [false, true] : [false];
  return kinds.flatMap((replication) => modes.map((mode) => ({ ...mode, replication })));
}

function outcomesOf(
  rules: PreparedRules,
  role: LoginRole,
  door: Door,
  target: Target,
  cells: Cells,
  places: readonly number[],
  painted: Map<string, Deciding>,
  text: string,
): Outcomes {
  const { dialect } = rules;
  const login = loginOf(role, door, target);
  const visitor = visitorOf(
    { ...login, address: door.transport === "local" ? "local" : "192.0.2.1" },
    dialect,
  );
  const candidates = places.flatMap((place): Candidate[] => {
    const line = rules.lines[place] as EffectiveLine;
    if (line.kind === "include") return [{ place, reach: EVERYWHERE, sure: false }];
    const { entry } = line;
    if (!transportsOf(entry.connection.type, dialect).includes(door.transport)) return [];
    const user = judgeUser(entry.users, visitor, dialect).matches;
    const database = inTarget(entry.databases, target, door, visitor, rules);
    if (user === "no" || database === "no") return [];
    return [{ place, reach: reachOf(entry, rules), sure: user === "yes" && database === "yes" }];
  });
  const key = [
    text,
    door.transport === "local",
    ...candidates.map(({ place, sure }) => (sure ? place : -place - 1)),
  ].join();
  const deciding = painted.get(key) ?? decidingIn(cells, candidates);
  painted.set(key, deciding);
  const matches = new Map<string | number, HbaMatch>();
  return {
    door,
    target,
    matchIn(cell) {
      const open = deciding[cell] ?? [];
      const [first] = open;
      const same =
        open.length === 1 && first?.sure
          ? first.place
          : open.map(({ place, sure }) => (sure ? place : -place - 1)).join();
      const match = matches.get(same) ?? matchOf(rules, login, door, cells, cell, open);
      matches.set(same, match);
      return match;
    },
  };
}

/** Of any other database a regular expression says nothing. */
function inTarget(
  databases: Parameters<typeof judgeDatabase>[0],
  { name }: Target,
  { replication }: Door,
  visitor: Parameters<typeof judgeDatabase>[1],
  { dialect }: PreparedRules,
): "yes" | "no" | "unknown" {
  const { matches } = judgeDatabase(databases, visitor, dialect);
  if (name !== undefined || replication || matches === "yes") return matches;
  return databases.some((token) => nameKind(token, "database", dialect) === "pattern") ? "unknown" : matches;
}

function matchOf(
  rules: PreparedRules,
  login: HbaLogin,
  { transport }: Door,
  cells: Cells,
  cell: number,
  open: readonly Match[],
): HbaMatch {
  const range = cells.ranges[cell] as Range;
  const address = transport === "local" ? "local" : formatIp({ family: range.family, bits: range.first });
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
    database: target?.name ?? ANY_OTHER,
    address: "local",
    tls: door?.tls ?? false,
    storedHash,
    expired,
    memberOf,
    canLogin: login,
    ...(door?.replication && { replication: true }),
    ...(door?.gssEncryption && { gssEncryption: true }),
    ...(door?.clientCertificate && { clientCertificate: door.clientCertificate }),
    ...(certificateSubject !== undefined && { certificateSubject }),
  };
}
