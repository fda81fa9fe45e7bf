import type { Profile } from "./profile";

/**
 * What the stand-in's database holds besides the user's own: `system` and `crdb_internal` with the tables of facts 3.6,
 * and `stand_in`, where the session's rewritten statements find what PostgreSQL lacks (statements/rewrite.ts).
 */
export function schemaFor(profile: Profile): string {
  const userId = profile.userIds ? ", user_id oid NOT NULL" : "";
  const lastLogin = profile.lastLogin ? ", estimated_last_login_time timestamptz" : "";
  return `
    CREATE SCHEMA system; CREATE SCHEMA crdb_internal; CREATE SCHEMA stand_in;
    GRANT USAGE ON SCHEMA system, crdb_internal, stand_in TO PUBLIC;
    GRANT ALL ON SCHEMA public TO admin; GRANT pg_read_all_data, pg_write_all_data TO admin;

    -- Facts 3.6. The roles themselves are PostgreSQL's.
    CREATE TABLE system.users (username text PRIMARY KEY, "hashedPassword" bytea, "isRole" bool NOT NULL${userId}${lastLogin});
    CREATE TABLE stand_in.role_options (username text REFERENCES system.users ON DELETE CASCADE, option text, value text,
      PRIMARY KEY (username, option));
    CREATE VIEW system.role_options AS
      SELECT username, option, value${profile.userIds ? ", user_id" : ""} FROM stand_in.role_options JOIN system.users USING (username);
    CREATE VIEW system.role_members AS
      SELECT r.rolname::text AS role, m.rolname::text AS member, bool_or(a.admin_option) AS "isAdmin"
      FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
      WHERE m.rolname IN (SELECT username FROM system.users) AND r.rolname IN (SELECT username FROM system.users)
      GROUP BY 1, 2;
    -- Facts 3.3: GRANT SYSTEM.
    CREATE TABLE system.privileges (username text REFERENCES system.users ON DELETE CASCADE, privilege text,
      PRIMARY KEY (username, privilege));
    GRANT SELECT ON system.privileges TO PUBLIC;
    -- Facts 5.4: a row for each setting that is set.
    CREATE TABLE system.settings (name text PRIMARY KEY, value text NOT NULL, "lastUpdated" timestamp NOT NULL DEFAULT now(),
      "valueType" text);
    GRANT SELECT ON ALL TABLES IN SCHEMA system TO admin;

    -- Facts 3.6: everybody may read them, and rolpassword is always masked.
    CREATE VIEW stand_in.pg_roles AS
      SELECT r.oid, u.username::name AS rolname, member.of_admin AS rolsuper, true AS rolinherit,
        member.of_admin OR option.given ? 'CREATEROLE' AS rolcreaterole,
        member.of_admin OR option.given ? 'CREATEDB' AS rolcreatedb,
        NOT (option.given ? 'NOLOGIN') AS rolcanlogin, option.given ? 'REPLICATION' AS rolreplication,
        -1 AS rolconnlimit, '********'::text AS rolpassword,
        (option.given ->> 'VALID UNTIL')::timestamptz AS rolvaliduntil,
        option.given ? 'BYPASSRLS' AS rolbypassrls, NULL::text[] AS rolconfig
      FROM system.users u JOIN pg_catalog.pg_roles r ON r.rolname = u.username
      CROSS JOIN LATERAL (SELECT pg_has_role(r.oid, 'admin', 'MEMBER') AS of_admin) member
      CROSS JOIN LATERAL (SELECT coalesce(jsonb_object_agg(option, value), '{}') AS given
        FROM stand_in.role_options o WHERE o.username = u.username) option;
    GRANT SELECT ON stand_in.pg_roles TO PUBLIC;

    -- Facts 5.1, 3.7: session variables that PostgreSQL lacks are kept under stand_in.*.
    CREATE FUNCTION stand_in.version() RETURNS text LANGUAGE sql STABLE
      AS $$ SELECT current_setting('stand_in.crdb_version') $$;
    CREATE TABLE stand_in.variables (name text PRIMARY KEY, own bool NOT NULL);
    GRANT SELECT ON stand_in.variables TO PUBLIC;
    CREATE FUNCTION stand_in.variable(wanted text, missing_ok bool) RETURNS text LANGUAGE plpgsql AS $$
      DECLARE found record;
      BEGIN
        SELECT * INTO found FROM stand_in.variables WHERE name = lower(wanted);
        IF found IS NULL THEN
          IF missing_ok THEN RETURN NULL; END IF;
          RAISE 'unrecognized configuration parameter "%"', lower(wanted) USING ERRCODE = '42704';
        END IF;
        RETURN CASE WHEN found.own THEN 'stand_in.' ELSE '' END || found.name;
      END $$;
    CREATE FUNCTION stand_in.current_setting(wanted text, missing_ok bool DEFAULT false) RETURNS text LANGUAGE sql
      AS $$ SELECT current_setting(stand_in.variable(wanted, missing_ok), true) $$;
    CREATE FUNCTION stand_in.set_config(wanted text, value text, is_local bool) RETURNS text LANGUAGE sql
      AS $$ SELECT set_config(stand_in.variable(wanted, false), value, is_local) $$;

    -- bcrypt is pgcrypto's, in a form that takes any bytes: the input is the password and the hash of nothing (facts 2.1).
    CREATE EXTENSION pgcrypto SCHEMA stand_in;
    CREATE FUNCTION stand_in.crypt_bytes(bytea, bytea) RETURNS bytea STRICT LANGUAGE c AS '$libdir/pgcrypto', 'pg_crypt';
    CREATE FUNCTION stand_in.bcrypt(password bytea, salt text) RETURNS text LANGUAGE sql AS $$
      SELECT convert_from(stand_in.crypt_bytes(password || sha256(''), convert_to(salt, 'UTF8')), 'UTF8') $$;`;
}
