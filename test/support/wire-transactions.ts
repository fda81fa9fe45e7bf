import type { Socket } from "node:net";
import { Readable } from "node:stream";
import type { Wire } from "./wire";
import { messages, statementIn } from "./wire-messages";

export interface Statements {
  /** Between the beginning of a transaction with settings of its own and its end, each connection by itself. */
  readonly inside: readonly string[];
  readonly outside: readonly string[];
}

const BEGINNING =
  /^BEGIN( ISOLATION LEVEL READ COMMITTED)?; SET LOCAL search_path TO pg_catalog, pg_temp; SET LOCAL TimeZone TO 'UTC'; SET LOCAL lock_timeout TO '30s'(; SET LOCAL role TO 'none')?$/;

/** What clients sent by this wire. */
export async function statementsOf(wire: Wire): Promise<Statements> {
  const inside: string[] = [];
  const outside: string[] = [];
  for (const [name, bytes] of wire.recorded()) {
    if (!name.endsWith("to the server")) continue;
    let isInside = false;
    for await (const message of messages(Readable.from([bytes]) as unknown as Socket, "client", () => {})) {
      const text = statementIn(message);
      if (text === undefined) continue;
      if (!isInside && BEGINNING.test(text)) isInside = true;
      else if (isInside && /^(COMMIT|ROLLBACK)$/.test(text)) isInside = false;
      else (isInside ? inside : outside).push(text);
    }
  }
  return { inside, outside };
}
