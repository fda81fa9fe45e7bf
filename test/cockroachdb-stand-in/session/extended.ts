import { serialize } from "pg-protocol";
import { countPlaceholders } from "../sql/cursor";
import { type Statement, splitStatements } from "../sql/statement";
import { type Plan, planStatement } from "../statements/plan";
import * as messages from "../wire/messages";
import { bodyOf, type Frame } from "../wire/read";
import { SqlError, syntaxError } from "../wire/sql-error";
import { failTransaction, prelude, relay, runCommand } from "./execute";
import { readBind, readParse, readTarget } from "./extended-messages";
import type { Session } from "./session";

/** A prepared statement; what PostgreSQL is to run is prepared there under the same name. */
interface Prepared {
  readonly statement: Statement;
  readonly plan: Plan;
}

interface Portal extends Prepared {
  readonly values: readonly (string | null)[];
}

/** The types of message that end the answer to a message, besides an error. */
const LAST_ANSWER: Readonly<Record<string, string>> = { P: "1", B: "2", D: "Tn", E: "CIs", C: "3" };

/** The extended protocol, a message at a time. PostgreSQL is asked to answer each before the next is looked at. */
export class ExtendedProtocol {
  readonly #session: Session;
  readonly #prepared = new Map<string, Prepared>();
  readonly #portals = new Map<string, Portal>();
  /** After an error everything is skipped until Sync. */
  #skipping = false;

  constructor(session: Session) {
    this.#session = session;
  }

  async take(frame: Frame): Promise<void> {
    if (frame.type === "S") return this.#sync();
    if (this.#skipping) return;
    try {
      await this.#handle(frame);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      this.#skipping = true;
      this.#session.client.write(messages.errorResponse(error));
    }
  }

  async #handle(frame: Frame): Promise<void> {
    const body = bodyOf(frame);
    if (frame.type === "P") return this.#parse(body);
    if (frame.type === "B") return this.#bind(frame);
    if (frame.type === "D") return this.#describe(frame);
    if (frame.type === "E") return this.#execute(frame);
    if (frame.type === "C") return this.#forward(frame.bytes);
    // Flush: nothing is held back.
    if (frame.type !== "H") throw new SqlError("08P01", `unrecognized client message type ${frame.type}`);
  }

  async #parse(body: Buffer): Promise<void> {
    const { name, text, types } = readParse(body);
    const statements = splitStatements(text);
    const [statement = { text: "", tokens: [] }] = statements;
    if (statements.length > 1) throw syntaxError(statements[1]?.text.split(/\s/)[0] ?? "");
    const plan = await planStatement(this.#session, statement, { oneOfMany: false });
    this.#prepared.set(name, { statement, plan });
    if (plan.kind === "forward") return this.#forward(serialize.parse({ name, text: plan.text, types }));
    this.#session.client.write(messages.parseComplete);
  }

  async #bind(frame: Frame): Promise<void> {
    const { portal, statement: name, values } = readBind(bodyOf(frame));
    const prepared = this.#prepared.get(name);
    if (prepared === undefined) throw new SqlError("26000", `unknown prepared statement "${name}"`);
    this.#portals.set(portal, { ...prepared, values });
    if (prepared.plan.kind === "forward") return this.#forward(frame.bytes);
    this.#session.client.write(messages.bindComplete);
  }

  async #describe(frame: Frame): Promise<void> {
    const { kind, name } = readTarget(bodyOf(frame));
    const target = kind === "S" ? this.#prepared.get(name) : this.#portals.get(name);
    if (target?.plan.kind !== "command") return this.#forward(frame.bytes, target?.plan.column);
    const { client } = this.#session;
    if (kind === "S") client.write(messages.parameterDescription(countPlaceholders(target.statement)));
    client.write(messages.noData);
  }

  async #execute(frame: Frame): Promise<void> {
    const session = this.#session;
    const end = bodyOf(frame).indexOf(0);
    const portal = this.#portals.get(bodyOf(frame).toString("utf8", 0, end));
    if (portal === undefined) return this.#forward(frame.bytes);
    const { statement, plan, values } = portal;
    const shown = values.length > 0 ? ` -- ${JSON.stringify(values)}` : "";
    session.standIn.statements.push(`${session.user}: ${statement.text}${shown}`);
    await prelude(session, statement);
    for (const notice of plan.notices ?? []) session.client.write(messages.noticeResponse(notice));
    if (plan.kind === "forward") return this.#forward(frame.bytes);
    session.client.write(messages.commandComplete(await runCommand(session, plan, values)));
  }

  /** Flush makes PostgreSQL answer now. */
  async #forward(bytes: Buffer, column?: string): Promise<void> {
    this.#session.backend.write(Buffer.concat([bytes, serialize.flush()]));
    const lastTypes = LAST_ANSWER[bytes.toString("latin1", 0, 1)];
    this.#skipping = !(await relay(this.#session, { lastTypes, column }));
  }

  async #sync(): Promise<void> {
    const session = this.#session;
    session.backend.write(serialize.sync());
    await relay(session);
    if (this.#skipping) await failTransaction(session);
    this.#skipping = false;
    session.client.write(messages.readyForQuery(session.backend.status));
  }
}
