import type { Product } from "../dialect";
import type { CockroachdbRule } from "./rules-cockroachdb";
import type { PostgresqlRule } from "./rules-postgresql";

export interface RulesOf {
  readonly cockroachdb: CockroachdbRule;
  readonly postgresql: PostgresqlRule;
}

/** A rule of the product, typed so that what its server refuses does not compile. */
export type HbaRule<P extends Product = Product> = RulesOf[P];
