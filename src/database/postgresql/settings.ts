import { escapeIdentifier, escapeLiteral } from "pg";
import type { Session } from "../session";
import type { SettingsAccess } from "../settings";
import { reload } from "./reload";

/** What ALTER SYSTEM wrote stands in a file of its own; all else is not ours to change back. */
const READ = `SELECT s.name, s.setting AS value, f.name IS NOT NULL AS is_set
FROM pg_catalog.pg_settings s
LEFT JOIN pg_catalog.pg_file_settings f ON f.name = s.name AND f.sourcefile LIKE '%postgresql.auto.conf'
WHERE s.name = ANY ($1)`;

export function postgresqlSettings(session: Session): SettingsAccess {
  return {
    read: (names) =>
      session.run("read the server's settings", async (client) => {
        const { rows } = await client.query<{ name: string; value: string; is_set: boolean }>(READ, [names]);
        return new Map(rows.map(({ name, value, is_set }) => [name, { value, isSet: is_set }]));
      }),

    write: (name, value) =>
      session.run(`set ${name}`, async (client) => {
        const setting = escapeIdentifier(name);
        await client.query(
          value === undefined
            ? `ALTER SYSTEM RESET ${setting}`
            : `ALTER SYSTEM SET ${setting} = ${escapeLiteral(value)}`,
        );
        await reload(client);
      }),
  };
}
