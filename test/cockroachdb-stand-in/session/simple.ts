import { type Statement, splitStatements } from "../sql/statement";
import { planStatement } from "../statements/plan";
import { emptyQueryResponse } from "../wire/messages";
import { SqlError } from "../wire/sql-error";
import { execute, failTransaction, payWait, prelude } from "./execute";
import type { Session } from "./session";

const TRANSACTION_CONTROL = /^(begin|start|commit|end|rollback|abort)\b/i;

/** A simple query: one statement, or several in one implicit transaction. */
export async function simpleQuery(session: Session, text: string): Promise<void> {
  const { client, backend, user, standIn } = session;
  standIn.statements.push(`${user}: ${text}`);
  const statements = splitStatements(text);
  if (statements.length === 0) client.write(emptyQueryResponse);
  const implicit =
    statements.length > 1 &&
    backend.status === "I" &&
    !statements.some((statement) => TRANSACTION_CONTROL.test(statement.text));
  if (implicit) await backend.sql("BEGIN");
  try {
    for (const statement of statements) {
      if (!(await runOne(session, statement, statements.length > 1))) break;
    }
  } finally {
    if (implicit) await finish(session);
  }
}

/** @returns whether to go on: not after an error, which PostgreSQL has told the client */
async function runOne(session: Session, statement: Statement, oneOfMany: boolean): Promise<boolean> {
  try {
    await prelude(session, statement);
    return await execute(session, await planStatement(session, statement, { oneOfMany }));
  } catch (error) {
    if (error instanceof SqlError) await failTransaction(session);
    throw error;
  }
}

async function finish(session: Session): Promise<void> {
  if (session.backend.status === "E") session.owesWait = false;
  await payWait(session);
  await session.backend.sql(session.backend.status === "E" ? "ROLLBACK" : "COMMIT");
}
