import type pg from "pg";
import { ScramError } from "../../scram/error";
import { refuseOwnHeir } from "../role";
import type { Session } from "../session";
import * as statements from "./statements";

/**
 * Drops a role. With an heir, what the role owns goes to that one first, in every database that has something of it: each
 * database by itself, since no transaction spans two.
 */
export async function dropRole(session: Session, name: string, heir: string | undefined): Promise<void> {
  const action = `drop role "${name}"`;
  if (heir === undefined) {
    await session.run(action, (client) => client.query(statements.dropRole(name)));
    return;
  }
  refuseOwnHeir(name, heir);
  const others = await session.run(action, async (client) => {
    const { rows } = await client.query(statements.FIND_ROLES, [[name]]);
    return rows.length === 0
      ? undefined
      : (await client.query<{ name: string; open: boolean }>(statements.FIND_DATABASES_OF, [name])).rows;
  });
  if (others === undefined) return;
  // Before the first of them, which would not be undone.
  const closed = others.find(({ open }) => !open);
  if (closed !== undefined) throw databaseClosed(name, closed.name);
  for (const database of others) {
    await session.elsewhere(
      database.name,
      `reassign what role "${name}" owns in database "${database.name}"`,
      (client) => giveAway(client, name, heir),
    );
  }
  await session.transaction(action, async (client) => {
    await giveAway(client, name, heir);
    await client.query(statements.dropRole(name));
  });
}

interface MayActAs {
  readonly may: boolean;
  readonly isGranted: boolean;
  readonly grantsSayInherit: boolean;
}

/** To give away takes the privileges of both, which an administrator may grant itself; not for longer than it takes. */
async function giveAway(client: pg.ClientBase, name: string, heir: string): Promise<void> {
  const undo: string[] = [];
  for (const role of [name, heir]) {
    const [row] = (await client.query<MayActAs>(statements.MAY_ACT_AS, [role])).rows;
    if (row === undefined || row.may) continue;
    await client.query(statements.grantToSelf(role, row.grantsSayInherit));
    undo.push(statements.revokeFromSelf(role, !row.isGranted));
  }
  for (const statement of statements.giveAway(name, heir)) await client.query(statement);
  for (const statement of undo) await client.query(statement);
}

function databaseClosed(role: string, database: string): ScramError {
  return new ScramError(
    "database-closed",
    `role "${role}" owns or was granted something in database "${database}", which accepts no connections`,
    { hint: `run ALTER DATABASE … ALLOW_CONNECTIONS true, or drop the database, then delete again` },
  );
}
