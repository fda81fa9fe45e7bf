import type pg from "pg";
import { UserError } from "../../errors";
import { refuseReassigningToItself } from "../contract/role";
import type { Session } from "../session/session";
import { isFromServer, SQLSTATE } from "../session/sqlstate";
import { inSavepoint } from "../session/transaction";
import { keepingMemberships } from "./granted-memberships";
import { privilegesLeft } from "./left-privileges";
import { gainsSuperuser, listed, ownerRights } from "./owner-rights";
import * as statements from "./statements";

/**
 * Drops a role. With a new owner, what the role owns goes to that one first, in every database that has something of it: each
 * database by itself, since no transaction spans two.
 *
 * @param tell gets a line that names what acts with the rights of its owner, before any of it is given away
 * @param oid of the role that is meant
 * @throws UserError `new-owner-superuser` before anything is given away; `role-renamed`
 */
export async function dropRole(
  session: Session,
  { name, oid }: { readonly name: string; readonly oid: string | null },
  newOwner: string | undefined,
  tell: (line: string) => void,
): Promise<void> {
  const operation = { kind: "drop", role: name } as const;
  if (newOwner === undefined) {
    await session.run(operation, (client) => drop(client));
    return;
  }
  refuseReassigningToItself(name, newOwner);
  const found = await session.run(operation, async (client) => {
    const { rows } = await client.query(statements.FIND_ROLES, [[name]]);
    if (rows.length === 0) {
      await requireGone(client);
      return undefined;
    }
    return {
      others: (await client.query<{ name: string; open: boolean }>(statements.FIND_DATABASES_OF, [name]))
        .rows,
      here: await ownerRights(client, name),
      gains: await gainsSuperuser(client, name, newOwner),
    };
  });
  if (found === undefined) return;
  const { others, here, gains } = found;
  // Before the first of them, which would not be undone.
  const closed = others.find(({ open }) => !open);
  if (closed !== undefined) throw databaseClosed(name, closed.name);
  const names = others.map(({ name }) => name);
  const given = listed([
    here,
    ...(await inEach(session, name, names, (client) => ownerRights(client, name))),
  ]);
  if (given !== undefined) {
    if (gains) throw newOwnerTooPowerful(name, newOwner, given);
    tell(
      `role "${name}" leaves to "${newOwner}" what acts with the rights of its owner, from now on those of "${newOwner}": ${given}`,
    );
  }
  const give = async (client: pg.ClientBase) => {
    const regranted = await keepingMemberships(client, name, () =>
      reassignAndDropOwned(client, name, newOwner),
    );
    if (regranted.length > 0)
      tell(
        `memberships that role "${name}" has granted are granted again by the administrator: ${regranted.join(", ")}`,
      );
    // The role may still be connected, and have made one since.
    const made = gains ? listed([await ownerRights(client, newOwner, "given now")]) : undefined;
    if (made !== undefined) throw newOwnerTooPowerful(name, newOwner, made);
  };
  await inEach(session, name, names, give);
  await session.transaction(operation, async (client) => {
    await give(client);
    try {
      await inSavepoint(client, () => drop(client));
    } catch (error) {
      if (!isFromServer(error, SQLSTATE.dependentObjectsStillExist)) throw error;
      throw (await privilegesLeft(client, name)) ?? error;
    }
  });

  async function drop(client: pg.ClientBase): Promise<void> {
    await client.query(statements.dropRole(name));
    await requireGone(client);
  }

  /** Since the name was looked up, another role may have got it, or none may have it: that is no success. */
  async function requireGone(client: pg.ClientBase): Promise<void> {
    if (oid === null) return;
    const [role] = (await client.query<{ name: string }>(statements.FIND_NAME, [oid])).rows;
    if (role === undefined) return;
    throw new UserError(
      "role-renamed",
      `role "${name}" was renamed to "${role.name}" while it was to be dropped`,
      {
        hint: "find out who renames it (ADMIN OPTION on it), then delete again",
      },
    );
  }
}

async function inEach<T>(
  session: Session,
  name: string,
  databases: readonly string[],
  work: (client: pg.ClientBase) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  for (const database of databases) {
    const operation = { kind: "reassign", role: name, database } as const;
    results.push(await session.inDatabase(database, operation, work));
  }
  return results;
}

interface MayActAs {
  readonly may: boolean;
  readonly inherits: boolean;
  readonly isGranted: boolean;
  readonly grantsSayInherit: boolean;
}

/** REASSIGN OWNED takes the privileges of both roles, which an administrator may grant itself for the time of the transaction. */
async function reassignAndDropOwned(client: pg.ClientBase, name: string, newOwner: string): Promise<void> {
  const undo: string[] = [];
  for (const role of [name, newOwner]) {
    const [row] = (await client.query<MayActAs>(statements.MAY_ACT_AS, [role])).rows;
    if (row === undefined || row.may) continue;
    if (!row.grantsSayInherit && !row.inherits) {
      await client.query(statements.inheritOneself(true));
      undo.push(statements.inheritOneself(false));
    }
    if (!row.grantsSayInherit && row.isGranted) continue;
    await client.query(statements.grantToSelf(role, row.grantsSayInherit));
    undo.push(statements.revokeFromSelf(role, !row.isGranted));
  }
  for (const statement of statements.reassignAndDropOwned(name, newOwner)) await client.query(statement);
  for (const statement of undo) await client.query(statement);
}

/** Whoever has left a function, view or trigger behind for an accomplice would have that power by our hand. */
function newOwnerTooPowerful(name: string, newOwner: string, given: string): UserError {
  return new UserError(
    "new-owner-superuser",
    `role "${name}" leaves what acts with the rights of its owner, and its new owner "${newOwner}" is a superuser, can become one, or may alter other roles: ${given}`,
    {
      hint: "declare a role without such power as `reassignOwnedTo`, run `pulumi up`, then delete again; or first drop these, revoke what is granted on them, or have them act with the rights of who uses them (ALTER FUNCTION … SECURITY INVOKER, ALTER VIEW … SET (security_invoker = true))",
    },
  );
}

function databaseClosed(role: string, database: string): UserError {
  return new UserError(
    "database-closed",
    `role "${role}" owns or was granted something in database "${database}", which accepts no connections`,
    { hint: `run ALTER DATABASE … ALLOW_CONNECTIONS true, or drop the database, then delete again` },
  );
}
