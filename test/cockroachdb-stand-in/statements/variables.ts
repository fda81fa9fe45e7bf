import { escapeIdentifier, escapeLiteral } from "pg";
import { normaliseName } from "../roles/names";
import type { Session } from "../session/session";
import { type SessionVariable, sessionVariables } from "../session-variables";
import { Cursor } from "../sql/cursor";
import type { Statement } from "../sql/statement";
import { SqlError } from "../wire/sql-error";
import type { Plan, Planner } from "./plan";

/** SET, RESET and SHOW of session variables, and ALTER ROLE … SET: those PostgreSQL lacks are under `stand_in.`. */
export const planVariable: Planner = (session, statement) => {
  const cursor = new Cursor(statement);
  if (cursor.accept("show")) return planShow(session, cursor);
  if (cursor.accept("set")) return planSet(session, cursor, statement);
  if (cursor.accept("reset")) return planReset(session, cursor, statement);
  // Both would give the session back to PostgreSQL's superuser.
  if (cursor.accept("discard all")) return { kind: "forward", text: "RESET ALL" };
  return undefined;
};

function planShow(session: Session, cursor: Cursor): Plan | undefined {
  const name = variableName(cursor);
  if (!cursor.done) return undefined;
  const variable = find(session, name);
  if (variable.own === undefined) return undefined;
  return { kind: "forward", text: `SELECT current_setting('stand_in.${variable.name}') AS ${variable.name}` };
}

async function planSet(session: Session, cursor: Cursor, { text }: Statement): Promise<Plan | undefined> {
  const given = ["local", "session"].find((word) => cursor.accept(word));
  const scope = given === undefined ? "" : `${given.toUpperCase()} `;
  if (cursor.accept("authorization default")) return { kind: "forward", text: "RESET ROLE" };
  if (cursor.accept("transaction") || cursor.accept("characteristics") || cursor.accept("names"))
    return undefined;
  const name = variableName(cursor);
  const variable = find(session, name);
  if (variable.own === undefined) return undefined;
  if (!cursor.acceptSymbol("=")) cursor.expect("to");
  const token = cursor.next();
  const value = toggle(cursor.done ? token.value : text.slice(token.start));
  if (variable.readOnly) await refuseChange(session, name, value);
  return { kind: "forward", text: `SET ${scope}stand_in.${variable.name} = ${escapeLiteral(value)}` };
}

function planReset(session: Session, cursor: Cursor, { text }: Statement): Plan | undefined {
  if (cursor.accept("role") || cursor.accept("all")) return undefined;
  if (cursor.accept("session authorization")) return { kind: "forward", text: "RESET ROLE" };
  const { name, own } = find(session, variableName(cursor));
  return { kind: "forward", text: own === undefined ? text : `RESET stand_in.${name}` };
}

/** Facts 2.4: setting a read-only variable to what it is is accepted. */
async function refuseChange({ backend }: Session, name: string, value: string): Promise<void> {
  const [row] = await backend.sql(`SELECT current_setting('stand_in.${name}') AS now`);
  if (row?.now !== value) throw new SqlError("55P02", `parameter "${name}" cannot be changed`);
}

/** `ALTER {ROLE|USER} x {SET v = … | RESET v}`, after the name (facts 3.7). */
export function planRoleVariable(session: Session, role: string, cursor: Cursor): string {
  const quotedRole = escapeIdentifier(normaliseName(role));
  const isSet = cursor.accept("set");
  if (!isSet) cursor.expect("reset");
  const variable = find(session, variableName(cursor));
  const name = variable.own === undefined ? variable.name : `stand_in.${variable.name}`;
  if (!isSet) return `ALTER ROLE ${quotedRole} RESET ${name}`;
  if (!cursor.acceptSymbol("=")) cursor.expect("to");
  const values = [cursor.next().value];
  while (cursor.acceptSymbol(",")) values.push(cursor.next().value);
  const spelt = values.map((value) => escapeLiteral(variable.own === undefined ? value : toggle(value)));
  return `ALTER ROLE ${quotedRole} SET ${name} = ${spelt.join(", ")}`;
}

function variableName(cursor: Cursor): string {
  if (cursor.accept("time zone")) return "timezone";
  if (cursor.accept("transaction isolation level")) return "transaction_isolation";
  return cursor.name().toLowerCase();
}

function find({ standIn }: Session, name: string): SessionVariable {
  const variable = sessionVariables(standIn.profile).find((known) => known.name === name);
  if (variable === undefined) {
    throw new SqlError("42704", `unrecognized configuration parameter "${name}"`);
  }
  return variable;
}

/** Switches are kept as `on` and `off`. */
function toggle(value: string): string {
  if (/^(true|on|yes|1)$/i.test(value)) return "on";
  return /^(false|off|no|0)$/i.test(value) ? "off" : value;
}
