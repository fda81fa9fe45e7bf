import { planRoleGrant } from "../roles/grant";
import { planRoleStatement } from "../roles/plan";
import type { Session } from "../session/session";
import { planClusterSetting } from "../settings/statements";
import type { Statement } from "../sql/statement";
import { refuseLacking, refuseRestricted } from "./refuse";
import { rewrite } from "./rewrite";
import { planSystemPrivileges } from "./system-privileges";
import { planVariable } from "./variables";

/** For PostgreSQL to run, as it came or in PostgreSQL's words. */
export interface Forward {
  readonly kind: "forward";
  readonly text: string;
  /** Of the only column, where PostgreSQL would cut it off at 63 bytes. */
  readonly column?: string;
  readonly notices?: readonly string[];
}

/** For the stand-in to run; gives a command tag and no rows. */
export interface Command {
  readonly kind: "command";
  /** Facts 3.8: costs a wait. */
  readonly isRoleStatement?: true;
  readonly notices?: readonly string[];
  /** @param values of the placeholders */
  run(values: readonly (string | null)[]): Promise<string>;
}

export type Plan = Forward | Command;

export interface Context {
  /** In a message with several statements. */
  readonly oneOfMany: boolean;
}

/** Who runs a statement, and how; `undefined` is for the next to look at. */
export type Planner = (
  session: Session,
  statement: Statement,
  context: Context,
) => Plan | undefined | Promise<Plan | undefined>;

const PLANNERS: readonly Planner[] = [
  planRoleStatement,
  planClusterSetting,
  planSystemPrivileges,
  planRoleGrant,
  planVariable,
];

export async function planStatement(session: Session, statement: Statement, context: Context): Promise<Plan> {
  // In a failed transaction nothing is looked up; PostgreSQL refuses what is not its end.
  if (session.backend.status === "E") return { kind: "forward", text: statement.text };
  for (const planner of PLANNERS) {
    const plan = await planner(session, statement, context);
    if (plan !== undefined) return plan;
  }
  refuseLacking(session, statement);
  await refuseRestricted(session, statement);
  return { kind: "forward", text: rewrite(statement) };
}
