import type { StoredHash } from "../../scram/stored-hash";
import { type Dialect, isCockroachdb } from "../dialect";
import type { HbaMatchContext, Visitor } from "../match/login";
import type { Verdict } from "../match/verdict";
import { verdictByCockroachdb } from "../match/verdict-cockroachdb";
import { asksCertificate, verdictByPostgresql } from "../match/verdict-postgresql";
import type { HbaEntry, Token } from "../model";
import { nameKind } from "../name-kind";
import { foldName } from "../names";
import { transportsOf } from "../transport";
import { type HbaFinding, info, warning } from "./finding";

/** A user the server has. */
export interface KnownRole {
  readonly name: string;
  readonly storedHash: StoredHash;
  /** @default true */
  readonly canLogin?: boolean;
  /** CockroachDB: its SUBJECT. */
  readonly certificateSubject?: string;
}

/** By the names that the server compares. */
export type RolesByName = ReadonlyMap<string, KnownRole>;

export function rolesByName(roles: readonly KnownRole[], dialect: Dialect): RolesByName {
  return new Map(roles.map((role) => [comparable(role.name, dialect), role]));
}

function comparable(name: string, dialect: Dialect): string {
  return isCockroachdb(dialect) ? foldName(name) : name;
}

/** Users that a rule names and that cannot satisfy its method, or do not exist on the server. */
export function roleFindings(
  entry: HbaEntry,
  roles: RolesByName | undefined,
  dialect: Dialect,
  context: HbaMatchContext,
): HbaFinding[] {
  if (roles === undefined || entry.method.value === "reject") return [];
  return entry.users
    .filter((token) => nameKind(token, "user", dialect) === "literal")
    .flatMap((token) => forUser(token, entry, roles, dialect, context));
}

function forUser(
  token: Token,
  entry: HbaEntry,
  roles: RolesByName,
  dialect: Dialect,
  context: HbaMatchContext,
): HbaFinding[] {
  const role = roles.get(comparable(token.value, dialect));
  if (role === undefined)
    return [info("user-missing-on-server", token, `The server has no user \`${token.value}\``)];
  const verdict = verdictFor(role, comparable(role.name, dialect), entry, dialect, context);
  if (verdict?.outcome !== "fails") return [];
  return [
    warning("user-cannot-log-in", token, `\`${role.name}\` can't log in by this rule: ${verdict.reason}`),
  ];
}

/** The user coming the way the rule is for, with the right certificate and the right password. */
function verdictFor(
  role: KnownRole,
  user: string,
  entry: HbaEntry,
  dialect: Dialect,
  context: HbaMatchContext,
): Verdict | undefined {
  const [transport] = transportsOf(entry.connection.type, dialect);
  if (transport === undefined) return undefined;
  const visitor: Visitor = {
    ...role,
    user,
    database: user,
    address: "local",
    transport,
    tls: transport === "tls",
    ...(asksCertificate(entry) ? { clientCertificate: { commonName: user, distinguishedName: user } } : {}),
  };
  return isCockroachdb(dialect)
    ? verdictByCockroachdb(entry, visitor, context, dialect)
    : verdictByPostgresql(entry, visitor, context);
}
