import type pg from "pg";
import type { Database } from "../contract/database";
import type { MembershipOption } from "../contract/membership";
import { notStored, type Role, type RoleChanges } from "../contract/role";
import { parseSettings } from "../contract/role-settings";
import { batchedFind } from "../session/batched-find";
import type { Session } from "../session/session";
import { isFromServer, SQLSTATE } from "../session/sqlstate";
import { inSavepoint } from "../session/transaction";
import { dropRole } from "./drop";
import { dependentMemberships } from "./granted-memberships";
import { postgresqlHba } from "./hba/hba";
import { postgresqlSettings } from "./settings";
import * as statements from "./statements";

/** PostgreSQL 14 and later. */
export function postgresql(session: Session): Database {
  return {
    product: "postgresql",
    get server() {
      return session.server;
    },
    user: session.user,
    cluster: () => session.cluster(),
    roleId: (name) => name,
    findRole: batchedFind(session, findRoles),
    nameOf: async ({ cluster, oid }) => {
      if (oid === null || cluster === null || cluster !== (await session.cluster())) return undefined;
      return session.run("look for a role", async (client) => {
        const { rows } = await client.query<{ name: string }>(statements.FIND_NAME, [oid]);
        return rows[0]?.name;
      });
    },
    administratorsOf: (name) =>
      session.run({ kind: "administrators", role: name }, async (client) => {
        const { rows } = await client.query<{ name: string }>(statements.FIND_ADMINISTRATORS, [name]);
        return rows.map((row) => row.name);
      }),
    challenge: (name) => session.challenge(name),

    // A transaction a role: PostgreSQL hashes every verifier again, on one core each, and has nothing to gain from fewer.
    createRole: (name, role) =>
      session.transaction({ kind: "create", role: name }, async (client) => {
        for (const statement of statements.createRole(name, role)) await client.query(statement);
        await client.query(statements.SUPPRESS_STATEMENT_LOGGING);
        for (const statement of statements.setSettings(name, role.set)) await client.query(statement);
        const oid = await setPassword(client, name, role.verifier);
        return { product: "postgresql", cluster: await session.cluster(), oid };
      }),

    alterRole: (name, changes) =>
      session.transaction(
        changes.rename === undefined
          ? { kind: "alter", role: name }
          : { kind: "rename", role: name, to: changes.rename },
        (client) => alterRole(client, name, changes),
      ),

    dropRole: (name, reassignOwnedTo, tell = () => {}, identity) =>
      dropRole(session, { name, oid: identity?.oid ?? null }, reassignOwnedTo, tell),
    hba: postgresqlHba(session),
    settings: postgresqlSettings(session),
  };
}

type RoleRow = Omit<Role["options"], "validUntil"> & {
  readonly validUntil: string | null;
  readonly name: string;
  readonly oid: string;
  readonly memberships: Role["memberships"];
  readonly settings: readonly string[] | null;
  readonly superuser: boolean;
  readonly hashReadable: boolean;
};

async function findRoles(session: Session, client: pg.ClientBase, names: readonly string[]): Promise<Role[]> {
  const { rows } = await client.query<RoleRow>(statements.FIND_ROLES, [names]);
  const hashes = rows[0]?.hashReadable ? await readStoredHashes(client, names) : undefined;
  const cluster = await session.cluster();
  return rows.map(({ name, oid, memberships, settings, superuser, hashReadable: _, ...options }) => ({
    name,
    superuser,
    identity: { product: "postgresql", cluster, oid },
    options,
    memberships,
    settings: parseSettings(settings),
    storedHash: hashes ? { readable: true, hash: hashes.get(name) ?? null } : { readable: false },
  }));
}

async function readStoredHashes(
  client: pg.ClientBase,
  names: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  const { rows } = await client.query<{ name: string; hash: string | null }>(statements.READ_STORED_HASHES, [
    names,
  ]);
  return new Map(rows.map(({ name, hash }) => [name, hash]));
}

async function alterRole(client: pg.ClientBase, name: string, changes: RoleChanges): Promise<void> {
  for (const statement of statements.alterRole(name, changes)) await client.query(statement);
  const { rename: now = name, revoke = [], revokeOptions = [], set, verifier } = changes;
  const lost = [...revoke.map((role) => ({ role, options: [undefined] })), ...revokeOptions];
  if (lost.length > 0) {
    const names = lost.map(({ role }) => role);
    const { rows } = await client.query<statements.Grant>(statements.FIND_GRANTS, [now, names]);
    for (const { role, options } of lost)
      for (const option of options)
        for (const grant of rows.filter((row) => row.role === role))
          if (option === undefined ? !grant.ofCreator : grant[option])
            await revokeMembership(client, now, grant, option);
  }
  const settings = statements.setSettings(now, set);
  if (settings.length > 0 || verifier !== undefined)
    await client.query(statements.SUPPRESS_STATEMENT_LOGGING);
  for (const statement of settings) await client.query(statement);
  if (verifier !== undefined) await setPassword(client, now, verifier);
}

async function revokeMembership(
  client: pg.ClientBase,
  member: string,
  grant: statements.Grant,
  option: MembershipOption | undefined,
): Promise<void> {
  try {
    await inSavepoint(client, () => client.query(statements.revoke(member, grant, option)));
  } catch (error) {
    if (!isFromServer(error, SQLSTATE.dependentObjectsStillExist)) throw error;
    throw await dependentMemberships(client, member, grant.role);
  }
}

/**
 * Inside a transaction, so that a verifier the server did not take as one is rolled back; with the log hushed.
 *
 * @returns the role's oid
 */
async function setPassword(client: pg.ClientBase, name: string, verifier: string | null): Promise<string> {
  await client.query(statements.setPassword(name, verifier));
  const { rows } = await client.query<RoleRow>(statements.FIND_ROLES, [[name]]);
  const [role] = rows;
  if (role === undefined) throw notStored(name);
  if (role.hashReadable && (await readStoredHashes(client, [name])).get(name) !== verifier)
    throw notStored(name);
  return role.oid;
}
