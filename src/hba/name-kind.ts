import { type Dialect, isCockroachdb, postgresqlHas } from "./dialect";
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

const DATABASE_KEYWORDS = ["sameuser", "samerole", "samegroup", "replication"];

/** CockroachDB knows `all` and names, nothing else. In PostgreSQL quotes take every meaning but a pattern's. */
export function nameKind(token: Token, column: "database" | "user", dialect: Dialect): NameKind {
  if (isKeyword(token, "all")) return "all";
  if (isCockroachdb(dialect)) return "literal";
  if (!token.quoted) {
    if (token.value.startsWith("@") && token.value.length > 1) return "file";
    if (column === "user" && token.value.startsWith("+")) return "member";
    if (column === "database" && DATABASE_KEYWORDS.includes(token.value)) return "keyword";
  }
  return token.value.startsWith("/") && postgresqlHas(dialect, "regularExpressions") ? "pattern" : "literal";
}
