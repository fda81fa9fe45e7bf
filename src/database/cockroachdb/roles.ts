import type pg from "pg";
import { foldName } from "../../hba/names";
import type { Database } from "../database";
import { notStored, type Role } from "../role";
import type { Session } from "../session";
import { cockroachdbHba } from "./hba";
import { cockroachdbSettings } from "./settings";
import * as statements from "./statements";
import { readStoredHash } from "./stored-hash";
import { refuseUnlessVerifiersAreStored } from "./verifier-storage";

/** CockroachDB v22.1 and later. */
export function cockroachdb(session: Session): Database {
  return {
    product: "cockroachdb",
    get server() {
      return session.server;
    },
    cluster: () => session.cluster(),
    roleId: foldName,

    findRole: (name) =>
      session.run(`read role "${foldName(name)}"`, (client) => findRole(session, client, foldName(name))),

    createRole: async (name, role) => {
      const folded = foldName(name);
      await writeVerifier(session, "create", folded, role.verifier, statements.createRole(folded, role));
      return { product: "cockroachdb", cluster: await session.cluster(), oid: null };
    },

    alterRole: async (name, changes) => {
      const folded = foldName(name);
      const statement = statements.alterRole(folded, changes);
      if (changes.verifier !== undefined)
        await writeVerifier(session, "alter", folded, changes.verifier, statement);
      else await session.run(`alter role "${folded}"`, (client) => client.query(statement));
    },

    dropRole: async (name) => {
      await session.run(`drop role "${foldName(name)}"`, (client) =>
        client.query(statements.dropRole(foldName(name))),
      );
    },

    hba: cockroachdbHba(session),
    settings: cockroachdbSettings(session),
  };
}

async function findRole(session: Session, client: pg.ClientBase, name: string): Promise<Role | undefined> {
  const { rows } = await client.query<{ rolcanlogin: boolean; valid_until: number | null }>(
    statements.FIND_ROLE,
    [name],
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  return {
    identity: { product: "cockroachdb", cluster: await session.cluster(), oid: null },
    login: row.rolcanlogin,
    validUntil: row.valid_until === null ? null : new Date(Number(row.valid_until) * 1000).toISOString(),
    storedHash: await readStoredHash(client, name),
  };
}

/** Reads back inside the transaction, so that a verifier the server did not take as one is rolled back. */
async function writeVerifier(
  session: Session,
  verb: string,
  name: string,
  verifier: string,
  statement: string,
): Promise<void> {
  await session.transaction(`${verb} role "${name}"`, {
    prepare: async (client) => {
      await refuseUnlessVerifiersAreStored(client);
      // Asked before the transaction, which a refusal would end.
      return (await readStoredHash(client, name)).readable;
    },
    work: async (client, readable) => {
      await client.query(statement);
      if (!readable) return;
      const stored = await readStoredHash(client, name);
      if (stored.readable && stored.hash !== verifier) throw notStored(name);
    },
  });
}
