import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { Session } from "../../session/session";

/** A name that a session gives itself for the other to see. Everybody can, but nobody else as the same user. */
export const SHOW_MARK = (mark: string) =>
  `PERFORM pg_catalog.set_config('application_name', '${mark}', true);`;

const SHOW_OWN_MARK = "SELECT pg_catalog.set_config('application_name', $1, false)";
/** The watcher mostly waits: that the server ends such sessions is not to look like the end of us. */
const STAY = `SELECT pg_catalog.pg_backend_pid() AS pid, pg_catalog.set_config(name, '0', false)
FROM (VALUES ('idle_session_timeout'), ('idle_in_transaction_session_timeout'), ('transaction_timeout')) AS timeout (name)
WHERE pg_catalog.current_setting(name, true) IS NOT NULL`;
/** Within a transaction the server shows what it has shown before. */
const LOOK_ANEW = "SELECT pg_catalog.pg_stat_clear_snapshot()";
const FIND_SHOWN =
  "SELECT pid FROM pg_catalog.pg_stat_activity WHERE application_name OPERATOR(pg_catalog.=) $1";
const POLL_MS = 20;

interface Tried {
  /** Why the login failed. */
  readonly reason?: unknown;
}

/**
 * Runs a statement that changes the rules and shows the mark; then logs in anew and shows the same mark. A connection that was
 * opened before, the watcher, sees when it is time; that it closes tells the server at once that the login failed, or that we are
 * gone.
 *
 * @param change gets the watcher's process
 */
export function logInUnder<T>(
  session: Session,
  mark: string,
  change: (watcher: number) => Promise<T>,
): Promise<T & Tried> {
  return session.apart("log in", async (watcher) => {
    const { rows } = await watcher.query<{ pid: number }>(STAY);
    let isOver = false;
    const changing = change(rows[0]?.pid ?? 0).finally(() => {
      isOver = true;
    });
    const [changed, tried] = await Promise.all([changing, logInOnceShown()]);
    return { ...changed, ...tried };

    async function logInOnceShown(): Promise<Tried> {
      try {
        while (!(await isShown(watcher, mark))) {
          if (isOver) return {};
          await sleep(POLL_MS);
        }
        await session.apart("log in", async (client) => {
          await Promise.race([client.query(SHOW_OWN_MARK, [mark]), changing]);
          await changing;
        });
        return {};
      } catch (reason) {
        await (watcher as pg.Client).end();
        return { reason };
      }
    }
  });
}

async function isShown(watcher: pg.ClientBase, mark: string): Promise<boolean> {
  await watcher.query(LOOK_ANEW);
  return (await watcher.query(FIND_SHOWN, [mark])).rows.length > 0;
}
