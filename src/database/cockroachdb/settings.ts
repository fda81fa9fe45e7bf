import type pg from "pg";
import { escapeLiteral } from "pg";
import type { Session } from "../session";
import type { SettingsAccess } from "../settings";

/** What an administrator who may only view settings sees of a sensitive one. */
export const REDACTED = "<redacted>";

/** A cluster setting as `SHOW ALL CLUSTER SETTINGS` tells it. */
export interface ClusterSetting {
  /** In the server's spelling; `<redacted>` for a sensitive one that this administrator may not see. */
  readonly value: string;
  /** Whether it was set at all. `undefined` before v23.1.5, which does not tell. */
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

    write: (name, value) => writeClusterSetting(session, name, value),
  };
}

export async function readClusterSettings(
  client: pg.ClientBase,
): Promise<ReadonlyMap<string, ClusterSetting>> {
  const { rows } = await client.query<{ variable: string; value: string; origin?: string }>(
    "SHOW ALL CLUSTER SETTINGS",
  );
  return new Map(
    rows.map(({ variable, value, origin }) => [
      variable,
      { value, isSet: origin === undefined ? undefined : origin !== "default" },
    ]),
  );
}

/**
 * Alone, for it is refused in a transaction and beside other statements.
 *
 * @param value `undefined` to unset it
 */
export async function writeClusterSetting(
  session: Session,
  name: string,
  value: string | undefined,
): Promise<void> {
  // A number or a boolean goes bare, as its type; all else is text.
  const spelt =
    value !== undefined && /^(?:true|false|\d+)$/.test(value) ? value : escapeLiteral(value ?? "");
  const statement =
    value === undefined ? `RESET CLUSTER SETTING ${name}` : `SET CLUSTER SETTING ${name} = ${spelt}`;
  await session.run(`set the cluster setting ${name}`, (client) => client.query(statement));
}
