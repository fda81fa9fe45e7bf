import type pg from "pg";
import type { Role } from "../contract/role";
import { batched } from "./batched";
import type { Session } from "./session";

/** Finds a role by name; all that are looked for at one time are read in one go. */
export function batchedFind(
  session: Session,
  findRoles: (session: Session, client: pg.ClientBase, names: readonly string[]) => Promise<readonly Role[]>,
): (name: string) => Promise<Role | undefined> {
  return batched(async (names) => {
    const what = names.length === 1 ? `role "${names[0]}"` : `${names.length} roles`;
    const roles = await session.run(`read ${what}`, (client) => findRoles(session, client, names));
    const byName = new Map(roles.map((role) => [role.name, role]));
    return names.map((name) => ({ status: "fulfilled", value: byName.get(name) }));
  });
}
