import { type Dialect, isCockroachdb, postgresqlHas } from "./dialect";
import { KEYWORDS } from "./keywords";
import { isKeyword, type Token } from "./model";

/** What a name in the database or user column stands for. */
export type NameKind =
  | "all"
  /** sameuser, samerole, samegroup or replication. */
  | "keyword"
  /** `+role`: its members. */
  | "member"
  /** `@file`: the names in it. */
  | "file"
  /** `/…`: a regular expression. */
  | "pattern"
  | "literal";

/** CockroachDB knows `all` and names, nothing else. In PostgreSQL quotes take every meaning but a pattern's. */
export function nameKind(token: Token, column: "database" | "user", dialect: Dialect): NameKind {
  if (isKeyword(token, "all")) return "all";
  if (isCockroachdb(dialect)) return "literal";
  if (!token.quoted) {
    if (token.value.startsWith("@") && token.value.length > 1) return "file";
    if (column === "user" && token.value.startsWith("+")) return "member";
    if (column === "database" && KEYWORDS.database.some((word) => word === token.value)) return "keyword";
  }
  return token.value.startsWith("/") && postgresqlHas(dialect, "regularExpressions") ? "pattern" : "literal";
}
