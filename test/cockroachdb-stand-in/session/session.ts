import type { Duplex } from "node:stream";
import type { Backend } from "../backend";
import type { Visitor } from "../login/attempt";
import type { StandIn } from "../stand-in";
import { errorResponse, readyForQuery } from "../wire/messages";
import { type Frame, readFrame } from "../wire/read";
import { SqlError } from "../wire/sql-error";
import { ExtendedProtocol } from "./extended";
import { simpleQuery } from "./simple";
import { greet, openBackend } from "./start";

/** A user's session: the client's connection and one to PostgreSQL, which holds the state. */
export interface Session {
  readonly user: string;
  readonly client: Duplex;
  readonly backend: Backend;
  readonly standIn: StandIn;
  /** Facts 3.8: role statements of an open transaction, waited for at its COMMIT. */
  owesWait: boolean;
}

/** From the end of the login to the end of the connection. */
export async function runSession(
  { stream: client, user }: Visitor,
  parameters: ReadonlyMap<string, string>,
  standIn: StandIn,
): Promise<void> {
  const backend = await openBackend(user, parameters, standIn);
  const session: Session = { user, client, backend, standIn, owesWait: false };
  const extended = new ExtendedProtocol(session);
  try {
    greet(session);
    for (;;) {
      const frame = await readFrame(client);
      if (frame === undefined || frame.type === "X") return;
      await answer(session, extended, frame);
    }
  } finally {
    backend.close();
  }
}

async function answer(session: Session, extended: ExtendedProtocol, frame: Frame): Promise<void> {
  const { client, backend } = session;
  if (frame.type !== "Q") return extended.take(frame);
  try {
    await simpleQuery(session, frame.bytes.toString("utf8", 5, frame.bytes.length - 1));
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    client.write(errorResponse(error));
  }
  client.write(readyForQuery(backend.status));
}
