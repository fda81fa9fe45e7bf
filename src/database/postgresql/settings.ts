import { escapeIdentifier, escapeLiteral } from "pg";
import type { SettingsAccess } from "../contract/settings";
import type { Session } from "../session/session";
import { reload } from "./reload";

/**
 * The server's own value: what its files say (the last one wins), else the one it was built with. `pg_settings.setting`
 * would be this session's, which ALTER ROLE … SET may have changed. What ALTER SYSTEM wrote stands in a file of its own.
 */
const READ = `SELECT s.name, coalesce(f.setting, s.boot_val) AS value, coalesce(f.is_auto, false) AS is_set
FROM pg_catalog.pg_settings s
LEFT JOIN (
  SELECT DISTINCT ON (name) name, setting, sourcefile LIKE '%postgresql.auto.conf' AS is_auto
  FROM pg_catalog.pg_file_settings WHERE error IS NULL ORDER BY name, seqno DESC
) f USING (name)
WHERE s.name = ANY ($1)`;

export function postgresqlSettings(session: Session): SettingsAccess {
  return {
    read: (names) =>
      session.run("read the server's settings", async (client) => {
        const { rows } = await client.query<{ name: string; value: string; is_set: boolean }>(READ, [names]);
        return new Map(rows.map(({ name, value, is_set }) => [name, { value, isSet: is_set }]));
      }),

    write: (name, value) =>
      session.connected(`set ${name}`, async (connection) => {
        const setting = escapeIdentifier(name);
        await connection.alone(
          value === undefined
            ? `ALTER SYSTEM RESET ${setting}`
            : `ALTER SYSTEM SET ${setting} = ${escapeLiteral(value)}`,
        );
        await connection.run(reload);
      }),
  };
}
