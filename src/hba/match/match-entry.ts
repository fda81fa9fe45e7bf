import { type Dialect, isCockroachdb } from "../dialect";
import type { Field, HbaEntry, Token } from "../model";
import { nameKind } from "../name-kind";
import { foldName } from "../names";
import { matchesRegularExpression } from "../regular-expression/regular-expression";
import { TRANSPORT_NAMES, transportsOf } from "../transport";
import { type ColumnMatch, no, unknown, YES } from "./column-match";
import type { HbaMatchContext, Visitor } from "./login";
import { judgeAddress } from "./match-address";

/** One rule against one login: the first column that says no decides. */
export function matchEntry(
  entry: HbaEntry,
  visitor: Visitor,
  context: HbaMatchContext,
  dialect: Dialect,
): ColumnMatch {
  const columns = [
    () => judgeConnection(entry, visitor, dialect),
    () => judgeAddress(entry.address, visitor, context),
    () => judgeDatabase(entry.databases, visitor, dialect),
    () => judgeUser(entry.users, visitor, dialect),
  ];
  let result = YES;
  for (const judge of columns) {
    const judgement = judge();
    if (judgement.matches === "no") return judgement;
    if (result === YES) result = judgement;
  }
  return result;
}

function judgeConnection({ connection: { type } }: HbaEntry, { transport }: Visitor, dialect: Dialect) {
  if (type === "loopback") return no("the rule is for the server's connections to itself");
  if (transportsOf(type, dialect).includes(transport)) return YES;
  // Of a socket and TCP, encryption is not the difference.
  const how = type === "local" ? "over TCP" : TRANSPORT_NAMES[transport];
  return no(`the rule is for \`${type}\` connections, and this one comes ${how}`);
}

export function judgeDatabase(databases: Field, visitor: Visitor, dialect: Dialect): ColumnMatch {
  // CockroachDB drops the column; SET sees to it that it says `all`.
  if (isCockroachdb(dialect)) return YES;
  return anyOf(
    databases.map((token) => databaseMatches(token, visitor, dialect)),
    `the database \`${visitor.database}\` is not among \`${list(databases)}\``,
  );
}

type Answer = boolean | string;

/** True, false, or why it is not known. */
function databaseMatches(token: Token, visitor: Visitor, dialect: Dialect): Answer {
  const { user, database, replication } = visitor;
  const kind = nameKind(token, "database", dialect);
  if (kind === "file") return `the file \`${token.value.slice(1)}\` is not read`;
  if (replication) return kind === "keyword" && token.value === "replication";
  switch (kind) {
    case "all":
      return true;
    case "keyword":
      if (token.value === "replication") return false;
      return token.value === "sameuser" ? database === user : isMember(database, visitor);
    case "pattern":
      return patternMatches(token, database);
    default:
      return token.value === database;
  }
}

export function judgeUser(users: Field, visitor: Visitor, dialect: Dialect): ColumnMatch {
  return anyOf(
    users.map((token) => userMatches(token, visitor, dialect)),
    `the user \`${visitor.user}\` is not among \`${list(users)}\``,
  );
}

function userMatches(token: Token, visitor: Visitor, dialect: Dialect): Answer {
  switch (nameKind(token, "user", dialect)) {
    case "all":
      return true;
    case "file":
      return `the file \`${token.value.slice(1)}\` is not read`;
    case "member":
      return isMember(token.value.slice(1), visitor);
    case "pattern":
      return patternMatches(token, visitor.user);
    default:
      return (isCockroachdb(dialect) ? foldName(token.value) : token.value) === visitor.user;
  }
}

/** A role counts as a member of itself; a superuser is not taken for a member of everything. */
function isMember(role: string, { user, memberOf, exists = true }: Visitor): Answer {
  if (!exists || role === "") return false;
  if (role === user) return true;
  return memberOf?.includes(role) ?? `the roles of \`${user}\` are not known`;
}

function patternMatches(token: Token, name: string): Answer {
  return (
    matchesRegularExpression(token.value.slice(1), name) ??
    `the regular expression \`${token.value.slice(1)}\` is not evaluated`
  );
}

function anyOf(answers: readonly Answer[], otherwise: string): ColumnMatch {
  if (answers.includes(true)) return YES;
  const open = answers.find((answer) => typeof answer === "string");
  return open === undefined ? no(otherwise) : unknown(open);
}

function list(field: Field): string {
  return field.map((token) => token.raw).join(",");
}
