import { cockroachdb } from "./cockroachdb/roles";
import type { ConnectionSettings } from "./connection/settings";
import { resolveTarget } from "./connection/target";
import type { Database } from "./database";
import { postgresql } from "./postgresql/roles";
import { Session } from "./session";

const sessions = new Map<string, Session>();

/**
 * The database behind these settings; `null` for libpq's PG* variables alone. Its connections are shared by every
 * resource of the process that names the same target.
 *
 * @throws ScramError `connection-url`, `connection-tls`, `database`
 */
export async function openDatabase(settings: ConnectionSettings | null): Promise<Database> {
  const key = JSON.stringify(settings);
  let session = sessions.get(key);
  if (session === undefined) {
    session = new Session(resolveTarget(settings));
    sessions.set(key, session);
  }
  return (await session.product()) === "cockroachdb" ? cockroachdb(session) : postgresql(session);
}
