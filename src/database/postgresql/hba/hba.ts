import type pg from "pg";
import { UserError } from "../../../errors";
import type { HbaAccess, HbaReading } from "../../contract/access";
import type { Session } from "../../session/session";
import { isEditedSinceLoad } from "./edited";
import { readFacts } from "./facts";
import { failureOf } from "./failure";
import { alone } from "./lock";
import { settleHbaFile } from "./settle";
import { type Write, writeHbaFile } from "./write";

/** Through SQL alone, so that no access to the server's file system is needed; for superusers. */
const READ_FILE = "SELECT pg_catalog.pg_read_binary_file(pg_catalog.current_setting('hba_file')) AS content";

export function postgresqlHba(session: Session): HbaAccess {
  return {
    read: () => session.run("read the HBA rules", read),

    settle: () =>
      alone(session, "read the HBA rules", async (client) => {
        const leftover = await settleHbaFile(client);
        return { ...(await read(client)), ...(leftover && { leftover }) };
      }),

    write: (text, { over, mayLoseOwnLogin, isSecret }) =>
      write(
        "write the HBA rules",
        {
          wanted: Buffer.from(text, "utf8"),
          expected: bytesOf(over),
          checked: true,
          proved: !mayLoseOwnLogin,
        },
        isSecret,
      ),

    restore: async (snapshot, over) => {
      if (snapshot === null)
        throw new UserError("hba-no-default", "PostgreSQL has no HBA rules of its own to go back to");
      const unconditional = { checked: false, proved: false };
      return write(
        "put back the HBA rules",
        { wanted: bytesOf(snapshot), expected: bytesOf(over), ...unconditional },
        true,
      );
    },

    facts: () => session.run("read who logs in", readFacts),
  };

  async function write(
    action: string,
    what: Write,
    isSecret: boolean,
  ): Promise<{ readonly inPlace: boolean }> {
    const written = await writeHbaFile(session, action, what);
    const failure = failureOf(written, { action, server: session.server, isSecret });
    if (failure !== undefined) throw failure;
    return { inPlace: written.inPlace };
  }
}

async function read(client: pg.ClientBase): Promise<HbaReading> {
  const { rows } = await client.query<{ content: Buffer }>(READ_FILE);
  const content = rows[0]?.content ?? Buffer.alloc(0);
  return {
    text: content.toString("utf8"),
    snapshot: content.toString("base64"),
    isEdited: await isEditedSinceLoad(client),
  };
}

function bytesOf(snapshot: string | null): Buffer {
  return Buffer.from(snapshot ?? "", "base64");
}
