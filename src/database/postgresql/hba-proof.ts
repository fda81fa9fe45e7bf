import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { Session } from "../session";

/**
 * A name that a session gives itself for the other to see. Everybody can, but nobody else as the same user.
 */
export const SHOW_MARK = (mark: string) =>
  `PERFORM pg_catalog.set_config('application_name', '${mark}', true);`;

const SHOW_OWN = "SELECT pg_catalog.set_config('application_name', $1, false)";
/** The watcher only waits; a server that ends idle sessions is not to take that for the end of us. */
const STAY = `SELECT pg_catalog.set_config('idle_session_timeout', '0', false), pg_catalog.pg_backend_pid() AS pid`;
const IS_SHOWN = `SELECT pg_catalog.count(*) > 0 AS shown FROM pg_catalog.pg_stat_activity, pg_catalog.pg_stat_clear_snapshot()
WHERE application_name OPERATOR(pg_catalog.=) $1`;
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
          await Promise.race([client.query(SHOW_OWN, [mark]), changing]);
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
  return (await watcher.query<{ shown: boolean }>(IS_SHOWN, [mark])).rows[0]?.shown === true;
}
