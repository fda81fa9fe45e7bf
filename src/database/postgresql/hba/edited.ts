import pg from "pg";
import { inSavepoint } from "../../session/transaction";

/**
 * Whether the file behind `hba_file` was changed after the server loaded its files. The time of a file is in whole seconds,
 * rounded down, that of the load is not: a later one tells for certain, an edit in the second of the load is not seen.
 */
const EDITED = `SELECT (pg_catalog.pg_stat_file(pg_catalog.current_setting('hba_file'))).modification
  > pg_catalog.pg_conf_load_time() AS edited`;

/** `false` also where this role may read the file but not its times. */
export async function isEditedSinceLoad(client: pg.ClientBase): Promise<boolean> {
  try {
    const { rows } = await inSavepoint(client, () => client.query<{ edited: boolean | null }>(EDITED));
    return rows[0]?.edited === true;
  } catch (error) {
    if (error instanceof pg.DatabaseError) return false;
    throw error;
  }
}
