import type { StandInDatabase } from "./database";
import type { Profile } from "./profile";

/** What every connection shares. */
export interface StandIn {
  readonly profile: Profile;
  readonly database: StandInDatabase;
  /** All SQL received: `user: statement`, with the values of placeholders after it. */
  readonly statements: string[];
  readonly roleStatementDelayMs: number;
  readonly failWith40001: (statement: string) => boolean;
}
