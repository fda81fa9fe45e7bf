import type pg from "pg";
import { foldName } from "../../hba/names";
import type { Database } from "../contract/database";
import { type Role, refuseReassigningToItself } from "../contract/role";
import {
  changedOptions,
  initialOptions,
  OPTION_NAMES,
  OPTIONS,
  type RoleOptions,
} from "../contract/role-options";
import { parseSettings } from "../contract/role-settings";
import { batchedFind } from "../session/batched-find";
import type { Session } from "../session/session";
import { roleWriter } from "./batch";
import { cockroachdbHba } from "./hba";
import { cockroachdbSettings } from "./settings";
import { showUsers } from "./show-users";
import * as statements from "./statements";
import { readStoredHashes } from "./stored-hash";
import { instantOf, type Seconds } from "./valid-until";

/** CockroachDB v22.1 and later. */
export function cockroachdb(session: Session): Database {
  const find = batchedFind(session, findRoles);
  const write = roleWriter(session);
  return {
    product: "cockroachdb",
    get server() {
      return session.server;
    },
    user: foldName(session.user),
    cluster: () => session.cluster(),
    roleId: foldName,
    findRole: (name) => find(foldName(name)),
    nameOf: async () => undefined,
    administratorsOf: (name) =>
      session.run({ kind: "administrators", role: name }, async (client) => {
        const { rows } = await client.query<{ name: string }>(statements.FIND_ADMINISTRATORS, [
          foldName(name),
        ]);
        return rows.map((row) => row.name);
      }),
    challenge: (name) => session.challenge(foldName(name)),

    createRole: async (name, role) => {
      const folded = foldName(name);
      await write("create", folded, statements.createRole(folded, role), role.verifier);
      return { product: "cockroachdb", cluster: await session.cluster(), oid: null };
    },

    alterRole: async (name, changes) => {
      const folded = foldName(name);
      await write("alter", folded, statements.alterRole(folded, changes), changes.verifier);
    },

    dropRole: async (name, reassignOwnedTo) => {
      const folded = foldName(name);
      if (reassignOwnedTo !== undefined) await reassignAndDropOwned(session, folded, reassignOwnedTo);
      await write("drop", folded, [statements.dropRole(folded)]);
    },

    hba: cockroachdbHba(session),
    settings: cockroachdbSettings(session),
  };
}

/** Each statement alone: CockroachDB takes DROP OWNED in no transaction. What is done already is nothing to do. */
async function reassignAndDropOwned(session: Session, name: string, newOwner: string): Promise<void> {
  refuseReassigningToItself(name, foldName(newOwner));
  await session.connected({ kind: "reassign", role: name }, async (connection) => {
    const { rows } = await connection.run((client) => client.query(statements.FIND_ROLES, [[name]]));
    if (rows.length === 0) return;
    for (const statement of statements.reassignAndDropOwned(name, newOwner))
      await connection.alone(statement);
  });
}

interface RoleRow {
  readonly name: string;
  readonly login: boolean;
  readonly validUntil: Seconds;
  readonly memberOf: readonly string[];
  readonly adminOf: readonly string[];
  readonly settings: readonly string[] | null;
}

async function findRoles(session: Session, client: pg.ClientBase, names: readonly string[]): Promise<Role[]> {
  const { rows } = await client.query<RoleRow>(statements.FIND_ROLES, [names]);
  if (rows.length === 0) return [];
  const options = await showUsers(client);
  const hashes = await readStoredHashes(client, names);
  const cluster = await session.cluster();
  return rows.map(({ name, login, validUntil, memberOf, adminOf, settings }) => ({
    name,
    identity: { product: "cockroachdb", cluster, oid: null },
    options: {
      ...(options && flagsIn(options.get(name) ?? [])),
      login,
      validUntil: instantOf(validUntil),
    },
    memberships: memberOf.map((group) => ({
      role: group,
      admin: adminOf.includes(group),
      inherit: null,
      set: null,
      ofCreator: false,
      adminOfCreator: false,
    })),
    settings: parseSettings(settings),
    superuser: false,
    storedHash: hashes ? { readable: true, hash: hashes.get(name) ?? null } : { readable: false },
  }));
}

/** What is not named is as CREATE ROLE makes it. */
function flagsIn(named: readonly string[]): RoleOptions {
  const flags = OPTION_NAMES.filter((name) => OPTIONS[name].kind === "flag").flatMap((name) => {
    const { word } = OPTIONS[name];
    if (named.includes(word)) return [[name, true]];
    return named.includes(`NO${word}`) ? [[name, false]] : [];
  });
  const initial = initialOptions("cockroachdb");
  return { ...initial, ...changedOptions(initial, Object.fromEntries(flags)) };
}
