import type pg from "pg";
import { ScramError } from "../../scram/error";
import { classifyStoredHash } from "../../scram/stored-hash";
import type { AccessFacts, HbaAccess } from "../access";
import { ProtocolViolation } from "../connection/backend-message";
import { proveOwnLogin } from "../own-login";
import type { Session } from "../session";
import { isEditedSinceLoad } from "./hba-edited";
import { reload } from "./reload";
import { VALID_UNTIL } from "./statements";

/** Through SQL alone, so that no access to the server's file system is needed; for superusers. */
const READ_FILE = "SELECT pg_catalog.pg_read_binary_file(pg_catalog.current_setting('hba_file')) AS content";
/** A large object is the one thing that SQL exports byte for byte, as the server's own user. */
const MAKE_OBJECT = "SELECT pg_catalog.lo_from_bytea(0, $1) AS oid";
const EXPORT_OBJECT = "SELECT pg_catalog.lo_export($1, pg_catalog.current_setting('hba_file'))";
const DROP_OBJECT = "SELECT pg_catalog.lo_unlink($1)";
/**
 * Reads the file as it is now, not the rules in force. A rule without type and error is one that only loading refuses;
 * one that "cannot match" (TLS is off, for instance) is loaded all the same.
 */
const FIND_ERRORS = `SELECT line_number, coalesce(error, 'the server cannot load it; its log says why') AS error
FROM pg_catalog.pg_hba_file_rules
WHERE coalesce(error, '') NOT LIKE '%record cannot match because%' AND (error IS NOT NULL OR type IS NULL)
ORDER BY line_number`;

const OWN_LOGIN = `SELECT session_user AS "user", current_database() AS database,
  coalesce(host(inet_client_addr()), 'local') AS address, coalesce(ssl, false) AS tls, client_dn,
  current_setting('server_version') AS version
FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()`;

const DATABASES =
  "SELECT datname::text AS name FROM pg_catalog.pg_database WHERE datallowconn ORDER BY datname";

const HASHES_READABLE = `SELECT pg_catalog.has_column_privilege('pg_catalog.pg_authid', 'rolpassword', 'SELECT') AS readable`;

/** pg_roles masks hashes, so that pg_authid is read by those who may. */
const roles = (hashesReadable: boolean) => `WITH RECURSIVE member (role, of) AS (
  SELECT member, roleid FROM pg_catalog.pg_auth_members
  UNION SELECT member.role, m.roleid FROM member JOIN pg_catalog.pg_auth_members m ON m.member = member.of
)
SELECT rolname AS name, ${hashesReadable ? "rolpassword" : "NULL"} AS hash, rolreplication OR rolsuper AS replication, rolcanlogin AS login,
  ${VALID_UNTIL} AS valid_until,
  coalesce(rolvaliduntil < now(), false) AS expired,
  ARRAY(SELECT pg_catalog.pg_get_userbyid(of)::text FROM member WHERE role = r.oid) AS member_of
FROM pg_catalog.${hashesReadable ? "pg_authid" : "pg_roles"} r WHERE rolname !~ '^pg_' ORDER BY rolname`;

export function postgresqlHba(session: Session): HbaAccess {
  return {
    read: () =>
      session.run("read the HBA rules", async (client) => {
        const content = await readFile(client);
        const text = content.toString("utf8");
        return { text, snapshot: content.toString("base64"), isEdited: await isEditedSinceLoad(client) };
      }),

    write: (text, mayLoseOwnLogin) =>
      session.once("write the HBA rules", (client) =>
        write(session, client, Buffer.from(text, "utf8"), mayLoseOwnLogin),
      ),

    restore: async (snapshot) => {
      if (snapshot === null)
        throw new ScramError("hba-no-default", "PostgreSQL has no HBA rules of its own to go back to");
      await session.run("put back the HBA rules", (client) =>
        install(client, Buffer.from(snapshot, "base64")),
      );
    },

    facts: () => session.run("read who logs in", readFacts),
  };
}

async function write(
  session: Session,
  client: pg.ClientBase,
  content: Buffer,
  mayLoseOwnLogin: boolean,
): Promise<void> {
  const before = await readFile(client);
  try {
    await writeFile(client, content);
    await refuseErrors(client);
    await reload(client);
    if (!mayLoseOwnLogin) await proveOwnLogin(session);
  } catch (error) {
    // The rules in force until now let us in: where this connection is gone, another one does it.
    await install(client, before).catch(() =>
      session.run("put back the HBA rules", (other) => install(other, before)),
    );
    throw error;
  }
}

async function install(client: pg.ClientBase, content: Buffer): Promise<void> {
  await writeFile(client, content);
  await reload(client);
}

async function readFile(client: pg.ClientBase): Promise<Buffer> {
  const { rows } = await client.query<{ content: Buffer }>(READ_FILE);
  return rows[0]?.content ?? Buffer.alloc(0);
}

async function writeFile(client: pg.ClientBase, content: Buffer): Promise<void> {
  await client.query("BEGIN");
  try {
    const { rows } = await client.query<{ oid: number }>(MAKE_OBJECT, [content]);
    await client.query(EXPORT_OBJECT, [rows[0]?.oid]);
    await client.query(DROP_OBJECT, [rows[0]?.oid]);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {});
    throw error;
  }
}

async function refuseErrors(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ line_number: number; error: string }>(FIND_ERRORS);
  if (rows.length === 0) return;
  const lines = rows.map(({ line_number, error }) => `line ${line_number}: ${error}`);
  throw new ScramError("hba-refused", `the server refuses the HBA rules: ${lines.join("; ")}`, {
    hint: "the file is as it was before",
  });
}

async function readFacts(client: pg.ClientBase): Promise<AccessFacts> {
  const own = (
    await client.query<{
      user: string;
      database: string;
      address: string;
      tls: boolean;
      client_dn: string | null;
      version: string;
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
    context: { version: own.version },
  };
}
