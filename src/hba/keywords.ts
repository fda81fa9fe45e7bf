/** The words that mean something but themselves in a column of PostgreSQL's rules (20.1); CockroachDB has `all` alone. */
export const KEYWORDS = {
  database: ["all", "sameuser", "samerole", "samegroup", "replication"],
  user: ["all"],
  address: ["all", "samehost", "samenet"],
} as const;
