import { escapeLiteral } from "pg";
import type { Profile } from "./profile";
import { definitions } from "./settings/definitions";
import { LETTERS } from "./settings/show";

/** What `crdb_internal` holds: facts 2.2 and 5.3. Who may look is decided before (statements/refuse.ts). */
export function internalSchemaFor(profile: Profile): string {
  const rows = definitions(profile).map(({ name, type, hidden, description, default: value }) => {
    const texts = [name, LETTERS[type], description, value].map(escapeLiteral);
    return `(${texts.join(", ")}, ${!hidden})`;
  });
  const origin = profile.showsOrigin
    ? ", default_value, CASE WHEN s.name IS NULL THEN 'default' ELSE 'override' END AS origin"
    : "";
  return `
    CREATE TABLE stand_in.settings (variable text, type text, description text, default_value text, public bool);
    INSERT INTO stand_in.settings VALUES ${rows.join(", ")};
    CREATE VIEW crdb_internal.cluster_settings AS
      SELECT variable, coalesce(s.value, default_value) AS value, type, public, description ${origin}
      FROM stand_in.settings LEFT JOIN system.settings s ON s.name = variable ORDER BY variable;
    GRANT SELECT ON crdb_internal.cluster_settings TO PUBLIC;

    CREATE FUNCTION crdb_internal.check_password_hash_format(hash bytea) RETURNS text LANGUAGE plpgsql AS $$
      DECLARE
        given text := convert_from(hash, 'UTF8');
        key text := '[A-Za-z0-9+/]{43}=';
        iterations text := substring(given FROM '^SCRAM-SHA-256[$](\\d+):[A-Za-z0-9+/]+=*[$]' || key || ':' || key || '$');
      BEGIN
        IF iterations::numeric NOT BETWEEN 4096 AND 240000000000 THEN
          RAISE 'scram-sha-256 iteration count not in allowed range (4096,240000000000)' USING ERRCODE = '42601';
        END IF;
        IF iterations IS NOT NULL THEN RETURN 'scram-sha-256'; END IF;
        IF given ~ '^CRDB-BCRYPT[$]2[a-z]?[$](0[4-9]|[12][0-9]|3[01])[$][0-9A-Za-z./]{53}$' THEN RETURN 'crdb-bcrypt'; END IF;
        RAISE 'hash format not recognized' USING ERRCODE = '42601';
      END $$;`;
}
