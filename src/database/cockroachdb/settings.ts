import type pg from "pg";
import { escapeLiteral } from "pg";
import type { SettingsAccess } from "../contract/settings";
import type { Session } from "../session/session";
import { lacksPrivilege } from "../session/sqlstate";
import { type Connection, inSavepoint } from "../session/transaction";

/** What an administrator who may only view settings sees of a sensitive one. */
export const REDACTED = "<redacted>";

/** A cluster setting as `SHOW ALL CLUSTER SETTINGS` tells it. */
export interface ClusterSetting {
  /** In the server's spelling; `<redacted>` for a sensitive one that this administrator may not see. */
  readonly value: string;
  /** Whether it was set at all. `undefined` before v23.1.5 for who may not read `system.settings`. */
  readonly isSet: boolean | undefined;
}

export function cockroachdbSettings(session: Session): SettingsAccess {
  return {
    read: (names) =>
      session.run("read the cluster settings", async (client) => {
        const all = await readClusterSettings(client);
        const known = names.flatMap((name) => {
          const { value, isSet = true } = all.get(name) ?? {};
          return value === undefined
            ? []
            : [[name, { value: value === REDACTED ? undefined : value, isSet }] as const];
        });
        return new Map(known);
      }),

    write: (name, value) =>
      session.connected(`set the cluster setting ${name}`, (connection) =>
        setClusterSetting(connection, name, value),
      ),
  };
}

export async function readClusterSettings(
  client: pg.ClientBase,
): Promise<ReadonlyMap<string, ClusterSetting>> {
  const { rows } = await client.query<{ variable: string; value: string; origin?: string }>(
    "SHOW ALL CLUSTER SETTINGS",
  );
  const stored = rows[0]?.origin === undefined ? await readStoredNames(client) : undefined;
  return new Map(
    rows.map(({ variable, value, origin }) => [
      variable,
      { value, isSet: origin === undefined ? stored?.has(variable) : origin !== "default" },
    ]),
  );
}

/** Before v23.1.5 only the table tells what was set; `undefined` for who may not read it. */
async function readStoredNames(client: pg.ClientBase): Promise<ReadonlySet<string> | undefined> {
  try {
    const { rows } = await inSavepoint(client, () =>
      client.query<{ name: string }>("SELECT name FROM system.settings"),
    );
    return new Set(rows.map(({ name }) => name));
  } catch (error) {
    if (lacksPrivilege(error)) return undefined;
    throw error;
  }
}

/**
 * Alone, for it is refused in a transaction and beside other statements.
 *
 * @param value `undefined` to unset it
 */
export async function setClusterSetting(
  connection: Connection,
  name: string,
  value: string | undefined,
): Promise<void> {
  // A number or a boolean goes bare, as its type; all else is text.
  const spelt =
    value !== undefined && /^(?:true|false|\d+)$/.test(value) ? value : escapeLiteral(value ?? "");
  await connection.alone(
    value === undefined ? `RESET CLUSTER SETTING ${name}` : `SET CLUSTER SETTING ${name} = ${spelt}`,
  );
}
