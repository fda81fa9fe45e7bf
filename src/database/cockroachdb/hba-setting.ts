import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { UserError } from "../../errors";
import type { HbaReading, HbaWrite } from "../contract/access";
import {
  BEFORE_IS_BACK,
  hbaChanged,
  hbaReplaced,
  OTHERS_ARE_LEFT,
  ownLoginFailure,
} from "../contract/hba-failure";
import { explainError } from "../session/errors";
import type { Session } from "../session/session";
import type { Connection } from "../session/transaction";
import { REDACTED, readClusterSettings } from "./settings";

export const HBA_SETTING = "server.host_based_authentication.configuration";

/** A cluster's other nodes follow within seconds; behind a load balancer it may be one of them that answers. */
const PROPAGATION_MS = 10_000;
const POLL_MS = 100;

export async function readHba(client: pg.ClientBase): Promise<HbaReading> {
  const setting = (await readClusterSettings(client)).get(HBA_SETTING);
  const text = setting?.value ?? "";
  return {
    text: text === REDACTED ? undefined : text,
    snapshot: (setting?.isSet ?? text !== "") ? text : null,
  };
}

/**
 * Alone, for it is refused in a transaction. The text as a parameter: a statement may be logged, and the text may hold a password.
 *
 * @param text `null` for the built-in default
 */
export async function setHba(connection: Connection, text: string | null): Promise<void> {
  if (text === null) await connection.alone(`RESET CLUSTER SETTING ${HBA_SETTING}`);
  else await connection.alone(`SET CLUSTER SETTING ${HBA_SETTING} = $1`, [text]);
}

/**
 * Neither a lock nor a transaction is to be had for a cluster setting: between a look and a write somebody else may write. So
 * it is looked at again after each step, and put back only where it is still ours.
 */
export async function writeHba(
  session: Session,
  connection: Connection,
  text: string,
  { over, mayLoseOwnLogin }: HbaWrite,
): Promise<void> {
  const back = () => goBack(session, connection, text, over);
  await requireUnchanged(connection, session.server, over);
  let isShown: boolean;
  try {
    await setHba(connection, text);
    isShown = await waitFor(connection, text);
  } catch (error) {
    const now = await back();
    const { server, user } = session;
    const explained = explainError(error, { operation: "write the HBA rules", server, user });
    if (!(explained instanceof UserError)) throw explained;
    throw new UserError(
      explained.code,
      `${explained.withoutHint}; ${now}`,
      explained.hint === undefined ? {} : { hint: explained.hint },
    );
  }
  if (!isShown) {
    const problem = `the cluster does not show the HBA rules that were set; ${await back()}`;
    throw new UserError("hba-not-stored", problem, { hint: "see whether something else sets them" });
  }
  if (!mayLoseOwnLogin) {
    try {
      await session.apart("log in", async () => {});
    } catch (reason) {
      throw ownLoginFailure(reason, await back());
    }
  }
  const { text: stored = text } = await connection.run(readHba);
  if (stored !== text) throw hbaReplaced(session.server);
}

export async function requireUnchanged(
  connection: Connection,
  server: string,
  over: string | null,
): Promise<void> {
  if ((await connection.run(readHba)).snapshot !== over) throw hbaChanged(server);
}

/** @returns what the rules are by now */
async function goBack(
  session: Session,
  connection: Connection,
  ours: string,
  before: string | null,
): Promise<string> {
  const putBack = async (any: Connection) => {
    const { text = ours, snapshot } = await any.run(readHba);
    if (text !== ours) return snapshot === before ? BEFORE_IS_BACK : OTHERS_ARE_LEFT;
    await setHba(any, before);
    return BEFORE_IS_BACK;
  };
  try {
    // The new rules might refuse another connection, which is for where this one is gone.
    return await putBack(connection).catch(() => session.connected("put back the HBA rules", putBack));
  } catch (error) {
    return `the rules from before could not be put back (${error instanceof UserError ? error.withoutHint : error})`;
  }
}

async function waitFor(connection: Connection, text: string): Promise<boolean> {
  for (const end = Date.now() + PROPAGATION_MS; ; ) {
    const { text: stored = text } = await connection.run(readHba);
    if (stored === text) return true;
    if (Date.now() > end) return false;
    await sleep(POLL_MS);
  }
}
