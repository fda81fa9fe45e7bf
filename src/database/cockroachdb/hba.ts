import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type pg from "pg";
import { atLeast } from "../../hba/dialect";
import { classifyStoredHash } from "../../scram/stored-hash";
import type { AccessFacts, HbaAccess } from "../contract/access";
import type { Session } from "../session/session";
import { readHba, requireUnchanged, setHba, writeHba } from "./hba-setting";
import { readClusterSettings } from "./settings";
import { loginOptions, readNoSqlLogin, showUsers } from "./show-users";
import { readStoredHashes } from "./stored-hash";
import { instantOf, type Seconds, VALID_UNTIL } from "./valid-until";

/** The built-in role `admin` is a group that nobody logs in as. */
const ROLES = `SELECT rolname AS name, rolcanlogin AS login, ${VALID_UNTIL} AS "validUntil",
  coalesce(rolvaliduntil < pg_catalog.now(), false) AS expired
FROM pg_catalog.pg_roles AS r WHERE rolname <> 'admin' ORDER BY rolname`;

export function cockroachdbHba(session: Session): HbaAccess {
  return {
    read: () => session.run("read the HBA rules", readHba),

    settle: () => session.run("read the HBA rules", readHba),

    write: (text, write) =>
      session.once("write the HBA rules", async (connection) => {
        await writeHba(session, connection, text, write);
        return { inPlace: false };
      }),

    restore: (snapshot, over) =>
      session.once("put back the HBA rules", async (connection) => {
        await requireUnchanged(connection, session.server, over);
        await setHba(connection, snapshot);
        return { inPlace: false };
      }),

    facts: () => session.run("read who logs in", readFacts),
  };
}

/** The server does not tell a session its address; ours as this machine sees it is right but behind a NAT. */
async function readOwnLogin(client: pg.ClientBase): Promise<AccessFacts["own"]> {
  const { rows } = await client.query<{ user: string; database: string }>(
    `SELECT session_user AS "user", pg_catalog.current_database() AS database`,
  );
  // The driver has no public way to its socket.
  const { stream } = (client as unknown as { connection: { stream: Socket | TLSSocket } }).connection;
  const tls = "encrypted" in stream && stream.encrypted === true;
  const commonName = tls ? commonNameOf((stream as TLSSocket).getCertificate()) : undefined;
  return {
    user: rows[0]?.user ?? "",
    database: rows[0]?.database ?? "",
    address: stream.localAddress ?? "local",
    tls,
    ...(commonName !== undefined && { clientCertificate: { commonName } }),
  };
}

function commonNameOf(certificate: ReturnType<TLSSocket["getCertificate"]>): string | undefined {
  const name = certificate !== null && "subject" in certificate ? certificate.subject.CN : undefined;
  return Array.isArray(name) ? name[0] : name;
}

async function readFacts(client: pg.ClientBase): Promise<AccessFacts> {
  const { rows } = await client.query<{
    name: string;
    login: boolean;
    validUntil: Seconds;
    expired: boolean;
  }>(ROLES);
  const hashes = await readStoredHashes(client);
  const settings = await readClusterSettings(client);
  const version = (await client.query<{ crdb_version: string }>("SHOW crdb_version")).rows[0]?.crdb_version;
  const value = (name: string) => settings.get(`server.user_login.${name}`)?.value;
  const own = await readOwnLogin(client);
  const isOn = (name: string) => value(name) === "true";
  const isOnElsewhere = (name: string) => settings.get(name)?.value === "true";
  const options = await showUsers(client);
  const barred = await readNoSqlLogin(client);
  const encryption = value("password_encryption");
  const build = /v\d+\.\d+(\.\d+)?/.exec(version ?? "")?.[0] ?? "";
  return {
    hashesReadable: hashes !== undefined,
    roles: rows.map(({ name, login, validUntil, expired }) => {
      const { noSqlLogin, subject } = loginOptions(options?.get(name));
      return {
        name,
        login: login && !noSqlLogin && !barred.has(name),
        validUntil: instantOf(validUntil),
        expired,
        storedHash: hashes === undefined ? { kind: "unknown" } : classifyStoredHash(hashes.get(name) ?? null),
        memberOf: [],
        replication: false,
        ...(subject !== undefined && { certificateSubject: subject }),
      };
    }),
    own,
    context: {
      acceptSqlWithoutTls: !own.tls,
      version: build,
      // Who is root sees that it may.
      ...(atLeast(build, "26.1") && own.user !== "root" && { disallowRootLogin: "unknown" as const }),
      settings: {
        passwordEncryption:
          encryption === "crdb-bcrypt" || encryption === "2" ? "crdb-bcrypt" : "scram-sha-256",
        scramCost: Number(value("password_hashes.default_cost.scram_sha_256")),
        rehashOnCostChange: isOn("rehash_scram_stored_passwords_on_cost_change.enabled"),
        upgradeBcryptToScram: isOn("upgrade_bcrypt_stored_passwords_to_scram.enabled"),
        downgradeScramToBcrypt: isOn("downgrade_scram_stored_passwords_to_bcrypt.enabled"),
        autoScramPromotion: isOn("cert_password_method.auto_scram_promotion.enabled"),
        certificateSubjectRequired: isOnElsewhere("security.client_cert.subject_required.enabled"),
        certificateSanRequired: isOnElsewhere("security.client_cert.san_required.enabled"),
        ldapProvisioning: isOnElsewhere("security.provisioning.ldap.enabled"),
        jwtAuthentication: isOnElsewhere("server.jwt_authentication.enabled"),
      },
    },
  };
}
