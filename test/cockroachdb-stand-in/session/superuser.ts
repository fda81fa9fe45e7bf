import { escapeIdentifier } from "pg";
import type { Sql } from "../backend";
import { SqlError } from "../wire/sql-error";
import type { Session } from "./session";

/** Work on PostgreSQL beyond the user's own rights, in the session's transaction if there is one: all or nothing. */
export async function asSuperuser<T>({ backend, user }: Session, work: (sql: Sql) => Promise<T>): Promise<T> {
  const inTransaction = backend.status === "T";
  if (!inTransaction) await backend.sql("BEGIN");
  try {
    await backend.sql("SET LOCAL SESSION AUTHORIZATION DEFAULT");
    const result = await work(backend.sql);
    await backend.sql(inTransaction ? `SET LOCAL SESSION AUTHORIZATION ${escapeIdentifier(user)}` : "COMMIT");
    return result;
  } catch (error) {
    if (!inTransaction) await backend.sql("ROLLBACK");
    throw isContention(error) ? restartTransaction("WriteTooOldError") : error;
  }
}

/** Facts 3.8 */
export function restartTransaction(reason: string): SqlError {
  const text = `restart transaction: TransactionRetryWithProtoRefreshError: ${reason}`;
  return new SqlError("40001", text, {
    hint: "See: https://www.cockroachlabs.com/docs/transaction-retry-error-reference.html",
  });
}

/** How PostgreSQL says that two sessions alter one role. */
function isContention(error: unknown): boolean {
  if (!(error instanceof SqlError)) return false;
  return error.code === "40P01" || error.message.includes("tuple concurrently updated");
}
