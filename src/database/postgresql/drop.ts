import type pg from "pg";
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
      : (await client.query<{ name: string }>(statements.FIND_DATABASES_OF, [name])).rows;
  });
  if (others === undefined) return;
  for (const database of others) {
    await session.elsewhere(
      database.name,
      `reassign what role "${name}" owns in database "${database.name}"`,
      (client) => giveAway(client, name, heir),
    );
  }
  await session.transaction(action, {
    work: async (client) => {
      await giveAway(client, name, heir);
      await client.query(statements.dropRole(name));
    },
  });
}

/** To give away takes the privileges of both, which an administrator may grant itself; not for longer than it takes. */
async function giveAway(client: pg.ClientBase, name: string, heir: string): Promise<void> {
  const own = [];
  for (const role of [name, heir]) {
    const { rows } = await client.query<{ may: boolean }>(statements.MAY_ACT_AS, [role]);
    if (rows[0]?.may) continue;
    await client.query(statements.grantToSelf(role));
    own.push(role);
  }
  for (const statement of statements.giveAway(name, heir)) await client.query(statement);
  for (const role of own) await client.query(statements.revokeFromSelf(role));
}
