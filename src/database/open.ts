import { cockroachdb } from "./cockroachdb/roles";
import type { ConnectionSettings } from "./connection/parameters/settings";
import { resolveTarget } from "./connection/parameters/target";
import type { Database } from "./contract/database";
import { postgresql } from "./postgresql/roles";
import { Session } from "./session/session";

const databases = new Map<string, Promise<Database>>();

/**
 * The database behind these settings; `null` for libpq's PG* variables alone. Its connections are shared by every
 * resource of the process that names the same target.
 *
 * @throws UserError `connection-url`, `connection-tls`, and for a failure to connect the server's or the driver's code
 */
export function openDatabase(settings: ConnectionSettings | null): Promise<Database> {
  const key = JSON.stringify(settings);
  let database = databases.get(key);
  if (database === undefined) {
    database = connect(settings);
    databases.set(key, database);
    // A failure is not kept: the next resource may find the server there.
    database.catch(() => databases.delete(key));
  }
  return database;
}

async function connect(settings: ConnectionSettings | null): Promise<Database> {
  const session = new Session(resolveTarget(settings));
  return (await session.product()) === "cockroachdb" ? cockroachdb(session) : postgresql(session);
}
