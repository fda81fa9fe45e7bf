import type pg from "pg";
import { UserError } from "../../../errors";
import type { Session } from "../../session/session";
import { isFromServer, SQLSTATE } from "../../session/sqlstate";
import { SUPPRESS_STATEMENT_LOGGING } from "../statements";

/**
 * One writer at a time in the whole cluster, until the transaction ends, whatever database each is connected to; an advisory
 * lock is of one database, and anybody may take it. Of the catalogs that all databases share this is the one that nothing
 * waits for: no login reads it, and role statements do not conflict with this mode.
 */
const LOCK = "LOCK TABLE pg_catalog.pg_shseclabel IN SHARE UPDATE EXCLUSIVE MODE";
const FIND_HOLDER = `SELECT pid FROM pg_catalog.pg_locks
WHERE relation OPERATOR(pg_catalog.=) 'pg_catalog.pg_shseclabel'::pg_catalog.regclass
  AND mode OPERATOR(pg_catalog.=) 'ShareUpdateExclusiveLock' AND granted`;

/** Longer than a writer takes that waits 15 seconds for its login. */
const WAIT_MS = 60_000;

/**
 * What may end a write halfway, or look whether we are still there; and what shows the parameters of a statement, which are the
 * rules. Not every version has all of them.
 */
const SETTINGS = `SELECT pg_catalog.set_config(name, value, true)
FROM (VALUES ('statement_timeout', '0'), ('transaction_timeout', '0'), ('idle_in_transaction_session_timeout', '0'),
  ('client_connection_check_interval', '0'), ('log_parameter_max_length', '0'), ('log_parameter_max_length_on_error', '0'),
  ('auto_explain.log_min_duration', '-1'), ('log_min_messages', 'error'), ('client_min_messages', 'error')) AS own (name, value)
WHERE pg_catalog.current_setting('is_superuser') = 'on' AND pg_catalog.current_setting(name, true) IS NOT NULL`;

/**
 * Work on the HBA file while nobody else of us works on it, in one transaction that is not repeated. Its statements stay out of
 * the server's log.
 *
 * @throws UserError `hba-busy`
 */
export function alone<T>(
  session: Session,
  action: string,
  work: (client: pg.ClientBase) => Promise<T>,
  waitMs = WAIT_MS,
): Promise<T> {
  return session.once(action, (connection) =>
    connection.transaction(async (client) => {
      await client.query(SUPPRESS_STATEMENT_LOGGING);
      await client.query(SETTINGS);
      await client.query(`SET LOCAL lock_timeout TO ${waitMs}`);
      try {
        await client.query(LOCK);
      } catch (error) {
        throw isFromServer(error, SQLSTATE.lockNotAvailable) ? await busy(session, waitMs) : error;
      }
      return work(client);
    }),
  );
}

async function busy(session: Session, waitMs: number): Promise<UserError> {
  const holder = await session.apart("see who writes the HBA rules", async (client) => {
    return (await client.query<{ pid: number }>(FIND_HOLDER)).rows[0]?.pid;
  });
  const who = holder === undefined ? "another session" : `another session (process ${holder} of the server)`;
  return new UserError(
    "hba-busy",
    `${who} has been writing the HBA rules of ${session.server} for more than ${waitMs / 1000} s`,
    {
      hint: `try again when it is done${holder === undefined ? "" : `, or end it there with pg_cancel_backend(${holder}), which puts the rules from before back`}`,
    },
  );
}
