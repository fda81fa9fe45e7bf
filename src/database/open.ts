import type { ConnectionSettings } from "./connection/settings";
import { resolveTarget } from "./connection/target";
import type { Database } from "./database";
import { postgresql } from "./postgresql";
import { Session } from "./session";

const open = new Map<string, Database>();

/**
 * The database behind these settings; `null` for libpq's PG* variables alone. Opened once a process, then shared by
 * every resource that names the same target. Connects on first use.
 *
 * @throws ScramError `connection-url`
 */
export function openDatabase(settings: ConnectionSettings | null): Database {
  const key = JSON.stringify(settings);
  let database = open.get(key);
  if (database === undefined) {
    database = postgresql(new Session(resolveTarget(settings)));
    open.set(key, database);
  }
  return database;
}
