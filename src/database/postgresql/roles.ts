import type pg from "pg";
import type { Database } from "../database";
import { notStored, type Role } from "../role";
import type { Session } from "../session";
import { postgresqlHba } from "./hba";
import { postgresqlSettings } from "./settings";
import * as statements from "./statements";

/** PostgreSQL 13 and later. */
export function postgresql(session: Session): Database {
  return {
    product: "postgresql",
    get server() {
      return session.server;
    },
    cluster: () => session.cluster(),
    roleId: (name) => name,

    findRole: (name) => session.run(`read role "${name}"`, (client) => findRole(session, client, name)),

    createRole: (name, role) =>
      session.transaction(`create role "${name}"`, {
        work: async (client) => {
          await client.query(statements.createRole(name, role));
          return (await setPassword(session, client, name, role.verifier)).identity;
        },
      }),

    alterRole: (name, changes) =>
      session.transaction(`alter role "${name}"`, {
        work: async (client) => {
          const alter = statements.alterRole(name, changes);
          if (alter !== undefined) await client.query(alter);
          if (changes.verifier !== undefined) await setPassword(session, client, name, changes.verifier);
        },
      }),

    dropRole: async (name) => {
      await session.run(`drop role "${name}"`, (client) => client.query(statements.dropRole(name)));
    },

    hba: postgresqlHba(session),
    settings: postgresqlSettings(session),
  };
}

async function findRole(session: Session, client: pg.ClientBase, name: string): Promise<Role | undefined> {
  const { rows } = await client.query<{
    oid: string;
    rolcanlogin: boolean;
    valid_until: string | null;
    hash_readable: boolean;
  }>(statements.FIND_ROLE, [name]);
  const row = rows[0];
  if (row === undefined) return undefined;
  return {
    identity: { product: "postgresql", cluster: await session.cluster(), oid: row.oid },
    login: row.rolcanlogin,
    validUntil: row.valid_until,
    storedHash: row.hash_readable
      ? { readable: true, hash: await readStoredHash(client, name) }
      : { readable: false },
  };
}

async function readStoredHash(client: pg.ClientBase, name: string): Promise<string | null> {
  const { rows } = await client.query<{ rolpassword: string | null }>(statements.READ_STORED_HASH, [name]);
  return rows[0]?.rolpassword ?? null;
}

/** Inside a transaction, so that a verifier the server did not take as one is rolled back. */
async function setPassword(
  session: Session,
  client: pg.ClientBase,
  name: string,
  verifier: string,
): Promise<Role> {
  await client.query(statements.HUSH_LOG);
  await client.query(statements.setPassword(name, verifier));
  const role = await findRole(session, client, name);
  if (role === undefined || (role.storedHash.readable && role.storedHash.hash !== verifier))
    throw notStored(name);
  return role;
}
