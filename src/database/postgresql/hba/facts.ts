import type pg from "pg";
import { classifyStoredHash } from "../../../scram/stored-hash";
import { ProtocolViolation } from "../../connection/login/backend-message";
import type { AccessFacts } from "../../contract/access";
import { VALID_UNTIL } from "../statements";

const OWN_LOGIN = `SELECT session_user AS "user", pg_catalog.current_database() AS database,
  coalesce(pg_catalog.host(pg_catalog.inet_client_addr()), 'local') AS address, coalesce(ssl, false) AS tls, client_dn,
  pg_catalog.current_setting('server_version') AS version, pg_catalog.current_setting('ssl') = 'on' AS has_tls,
  pg_catalog.current_setting('ssl_ca_file') <> '' AS has_ca
FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()`;

const DATABASES =
  "SELECT datname::pg_catalog.text AS name FROM pg_catalog.pg_database WHERE datallowconn ORDER BY datname";

const HASHES_READABLE = `SELECT pg_catalog.has_column_privilege('pg_catalog.pg_authid', 'rolpassword', 'SELECT') AS readable`;

/** pg_roles masks hashes, so that pg_authid is read by those who may. */
const roles = (hashesReadable: boolean) => `WITH RECURSIVE member (role, of) AS (
  SELECT member, roleid FROM pg_catalog.pg_auth_members
  UNION SELECT member.role, m.roleid FROM member JOIN pg_catalog.pg_auth_members m ON m.member = member.of
)
SELECT rolname AS name, ${hashesReadable ? "rolpassword" : "NULL"} AS hash, rolreplication OR rolsuper AS replication, rolcanlogin AS login,
  ${VALID_UNTIL} AS valid_until,
  coalesce(rolvaliduntil < pg_catalog.now(), false) AS expired,
  ARRAY(SELECT pg_catalog.pg_get_userbyid(of)::pg_catalog.text FROM member WHERE role = r.oid) AS member_of
FROM pg_catalog.${hashesReadable ? "pg_authid" : "pg_roles"} r WHERE rolname !~ '^pg_' ORDER BY rolname`;

export async function readFacts(client: pg.ClientBase): Promise<AccessFacts> {
  const own = (
    await client.query<{
      user: string;
      database: string;
      address: string;
      tls: boolean;
      client_dn: string | null;
      version: string;
      has_tls: boolean;
      has_ca: boolean;
    }>(OWN_LOGIN)
  ).rows[0];
  if (own === undefined) throw new ProtocolViolation("pg_stat_ssl has no row of this session");
  const may = await client.query<{ readable: boolean }>(HASHES_READABLE);
  const hashesReadable = may.rows[0]?.readable === true;
  const { rows } = await client.query<{
    name: string;
    login: boolean;
    hash: string | null;
    replication: boolean;
    valid_until: string | null;
    expired: boolean;
    member_of: string[];
  }>(roles(hashesReadable));
  const databases = await client.query<{ name: string }>(DATABASES);
  const commonName = /(?:^|\/)CN=([^/]*)/.exec(own.client_dn ?? "")?.[1];
  return {
    hashesReadable,
    databases: databases.rows.map(({ name }) => name),
    roles: rows.map(({ name, login, hash, replication, valid_until, expired, member_of }) => ({
      name,
      login,
      replication,
      storedHash: hashesReadable ? classifyStoredHash(hash) : { kind: "unknown" },
      validUntil: valid_until,
      expired,
      memberOf: member_of,
    })),
    own: {
      user: own.user,
      database: own.database,
      address: own.address,
      tls: own.tls,
      ...(commonName !== undefined && { clientCertificate: { commonName } }),
    },
    context: { version: own.version, ssl: own.has_tls, sslCaFile: own.has_ca },
  };
}
