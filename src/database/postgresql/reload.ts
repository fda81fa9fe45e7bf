import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { UserError } from "../../errors";

const RELOAD = "SELECT pg_catalog.pg_reload_conf()";
const LOAD_TIME = "SELECT pg_catalog.pg_conf_load_time()::pg_catalog.text AS time";

/** How long the postmaster may take to read its files again. */
const RELOAD_MS = 10_000;
const POLL_MS = 20;

/**
 * Has the server read its files again; resolves once this session has seen it.
 *
 * @throws UserError `not-reloaded`
 */
export async function reload(client: pg.ClientBase): Promise<void> {
  const loaded = async () => (await client.query<{ time: string }>(LOAD_TIME)).rows[0]?.time;
  const before = await loaded();
  await client.query(RELOAD);
  for (const end = Date.now() + RELOAD_MS; (await loaded()) === before; ) {
    if (Date.now() > end) {
      throw new UserError(
        "not-reloaded",
        `the server did not read its files again within ${RELOAD_MS / 1000} s`,
        {
          hint: "look at its log",
        },
      );
    }
    await sleep(POLL_MS);
  }
}
