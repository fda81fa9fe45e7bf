import { setTimeout as sleep } from "node:timers/promises";
import { serialize } from "pg-protocol";
import { beginsWith, type Statement } from "../sql/statement";
import type { Command, Plan } from "../statements/plan";
import { commandComplete, noticeResponse, rowDescription } from "../wire/messages";
import { type Frame, readFrame } from "../wire/read";
import { SqlError } from "../wire/sql-error";
import type { Session } from "./session";
import { restartTransaction } from "./superuser";

/** Before a statement runs: the failures a test asks for, the wait of a COMMIT. */
export async function prelude(session: Session, statement: Statement): Promise<void> {
  const { backend, standIn } = session;
  if (standIn.failWith40001(statement.text)) {
    if (beginsWith(statement, "commit") && backend.status !== "I") await backend.sql("ROLLBACK");
    throw restartTransaction("injected by the stand-in");
  }
  if (beginsWith(statement, "rollback") && !beginsWith(statement, "rollback to")) session.owesWait = false;
  if (beginsWith(statement, "commit") || beginsWith(statement, "end")) await payWait(session);
}

/** Facts 3.8: a role statement waits by itself, or once for all of them at the end of the transaction. */
export async function payWait(session: Session): Promise<void> {
  if (session.owesWait) await sleep(session.standIn.roleStatementDelayMs);
  session.owesWait = false;
}

/** A plan by the simple protocol, up to and without ReadyForQuery. @returns whether it went well */
export async function execute(session: Session, plan: Plan): Promise<boolean> {
  const { client, backend } = session;
  for (const notice of plan.notices ?? []) client.write(noticeResponse(notice));
  if (plan.kind === "command") {
    client.write(commandComplete(await runCommand(session, plan, [])));
    return true;
  }
  backend.write(serialize.query(plan.text));
  return relay(session, { column: plan.column });
}

/** Runs a command of ours and gives its tag. */
export async function runCommand(
  session: Session,
  { run, isRoleStatement }: Command,
  values: readonly (string | null)[],
): Promise<string> {
  if (session.backend.status === "E") {
    const text = "current transaction is aborted, commands ignored until end of transaction block";
    throw new SqlError("25P02", text);
  }
  const tag = await run(values);
  if (isRoleStatement) {
    session.owesWait = true;
    if (session.backend.status === "I") await payWait(session);
  }
  return tag;
}

/** An error of ours fails the transaction, as one of PostgreSQL's does. */
export async function failTransaction({ backend }: Session): Promise<void> {
  if (backend.status === "T") await backend.sql("SELECT 1/0").catch(() => {});
}

/**
 * Hands over what PostgreSQL answers, until it is ready again or has sent a message of one of the types given, or an
 * error. @returns whether it went well
 */
export async function relay(
  { client, backend }: Session,
  { lastTypes, column }: { lastTypes?: string | undefined; column?: string | undefined } = {},
): Promise<boolean> {
  let failed = false;
  for (;;) {
    const frame = await backend.read();
    if (frame.type === "Z") return !failed;
    failed ||= frame.type === "E";
    // Not every parameter is the user's business: PostgreSQL reports its own server_version.
    if (frame.type === "T" && column !== undefined) client.write(rowDescription(frame, column));
    else if (frame.type !== "S" || isOfInterest(frame)) client.write(frame.bytes);
    if (frame.type === "G") await copyIn({ client, backend });
    if (lastTypes !== undefined && (failed || lastTypes.includes(frame.type))) return !failed;
  }
}

function isOfInterest(frame: Frame): boolean {
  return /^(application_name|TimeZone|DateStyle|IntervalStyle)\0/.test(frame.bytes.toString("utf8", 5));
}

/** COPY … FROM STDIN: the client speaks. */
async function copyIn({ client, backend }: Pick<Session, "client" | "backend">): Promise<void> {
  for (;;) {
    const frame = await readFrame(client);
    if (frame === undefined) return backend.close();
    backend.write(frame.bytes);
    if (frame.type === "c" || frame.type === "f") return;
  }
}
