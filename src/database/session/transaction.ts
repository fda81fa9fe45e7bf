import pg, { escapeLiteral } from "pg";
import { UserError } from "../../errors";
import { CommitLost } from "./driver-error";
import { isUnanswered } from "./errors";

/**
 * Whoever owns a database decides by ALTER DATABASE … SET what our statements mean there, and whoever may create an object, what
 * a name stands for. These call nothing by name, end with the transaction (a pooler may hand the connection on), and both
 * products know them.
 */
const SETTINGS = [
  // `pg_temp` is named because it would come first otherwise.
  "search_path TO pg_catalog, pg_temp",
  // Since PostgreSQL 18 the abbreviations of the session's zone go before all others: `Z` could be a week away from UTC.
  "TimeZone TO 'UTC'",
  // Somebody's open transaction may hold the role; better a sentence than a deployment that hangs.
  "lock_timeout TO '30s'",
];

/**
 * One message: nothing comes between. On PostgreSQL the isolation is said as well, which could be planted too: an older snapshot
 * than that of each statement does not show what somebody has made meanwhile.
 */
function beginning(role: string | undefined): string {
  const settings = role === undefined ? SETTINGS : [...SETTINGS, `role TO ${escapeLiteral(role)}`];
  const begin = role === undefined ? "BEGIN" : "BEGIN ISOLATION LEVEL READ COMMITTED";
  return [begin, ...settings.map((setting) => `SET LOCAL ${setting}`)].join("; ");
}

/** A connection, whose statements can be had in transactions with settings of our own, or alone. */
export class Connection {
  readonly #client: pg.ClientBase;
  readonly #begin: string;

  /** @param role the role to act as (PostgreSQL), `none` for the one that logged in; by default, the one that the server says */
  constructor(client: pg.ClientBase, role?: string) {
    this.#client = client;
    this.#begin = beginning(role);
  }

  /**
   * All or nothing.
   *
   * @throws CommitLost when nobody knows which
   */
  async transaction<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    try {
      await this.#client.query(this.#begin);
      const result = await work(this.#client);
      await this.#commit();
      return result;
    } catch (error) {
      // A connection that is gone has rolled back by itself, and one that does not answer will not answer this either.
      if (isRefusal(error)) await this.#client.query("ROLLBACK").catch(() => {});
      throw error;
    }
  }

  /** As `transaction`, for work that may be done twice: it does not matter whether a COMMIT without an answer was carried out. */
  async run<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    try {
      return await this.transaction(work);
    } catch (error) {
      throw error instanceof CommitLost ? error.cause : error;
    }
  }

  /** A statement that the server takes in no transaction: without our settings, so that no name in it may have to be looked up. */
  async alone(statement: string, values: unknown[] = []): Promise<void> {
    await this.#client.query(statement, values);
  }

  async #commit(): Promise<void> {
    try {
      const { command } = await this.#client.query("COMMIT");
      // What a server answers where a statement has failed.
      if (command === "ROLLBACK") throw new Error("the transaction was rolled back");
    } catch (error) {
      throw isUnanswered(error) ? new CommitLost("no answer to COMMIT", { cause: error }) : error;
    }
  }
}

/** The connection is as good as before. */
export function isRefusal(error: unknown): boolean {
  return error instanceof pg.DatabaseError || error instanceof UserError;
}

/** Work that the server may refuse without an end to the transaction around it. The savepoint goes with that. */
export async function inSavepoint<T>(client: pg.ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query("SAVEPOINT refusable");
  try {
    return await work();
  } catch (error) {
    if (isRefusal(error)) await client.query("ROLLBACK TO SAVEPOINT refusable");
    throw error;
  }
}
