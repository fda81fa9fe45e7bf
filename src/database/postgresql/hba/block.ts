import type pg from "pg";
import { UserError } from "../../../errors";
import { isFromServer, SQLSTATE } from "../../session/sqlstate";

const OUTCOME = "SELECT pg_catalog.current_setting('pulumi_scram.outcome') AS outcome";

/** What a DO block ends with: it returns nothing, but has a setting of the transaction. */
export const END_WITH = (json: string) =>
  `PERFORM pg_catalog.set_config('pulumi_scram.outcome', (${json})::pg_catalog.text, true);`;

/** @throws UserError `hba-no-plpgsql` */
export async function runBlock<T>(client: pg.ClientBase, block: string): Promise<T> {
  try {
    await client.query(block);
  } catch (error) {
    if (!isFromServer(error, SQLSTATE.undefinedObject)) throw error;
    throw new UserError(
      "hba-no-plpgsql",
      "the connection's database has no plpgsql, in which the server puts HBA rules back by itself",
      { hint: "run CREATE EXTENSION plpgsql there, or connect to another database" },
    );
  }
  const { rows } = await client.query<{ outcome: string }>(OUTCOME);
  return JSON.parse(rows[0]?.outcome ?? "") as T;
}
