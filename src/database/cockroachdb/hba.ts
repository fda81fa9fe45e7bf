import type { TLSSocket } from "node:tls";
import type pg from "pg";
import { atLeast } from "../../hba/dialect";
import { classifyStoredHash } from "../../scram/stored-hash";
import { connectionOf } from "../connection/login/driver";
import type { AccessFacts, HbaAccess } from "../contract/access";
import type { Session } from "../session/session";
import { readHba, requireUnchanged, setHba, writeHba } from "./hba-setting";
import { SETTING } from "./setting-names";
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
  const { stream } = connectionOf(client);
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
  const value = (name: string) => settings.get(name)?.value;
  const own = await readOwnLogin(client);
  const isOn = (name: string) => value(name) === "true";
  const options = await showUsers(client);
  const barred = await readNoSqlLogin(client);
  const encryption = value(SETTING.passwordEncryption);
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
        scramCost: Number(value(SETTING.defaultCostScramSha256)),
        rehashOnCostChange: isOn(SETTING.rehashScramStoredPasswordsOnCostChange),
        upgradeBcryptToScram: isOn(SETTING.upgradeBcryptStoredPasswordsToScram),
        downgradeScramToBcrypt: isOn(SETTING.downgradeScramStoredPasswordsToBcrypt),
        autoScramPromotion: isOn(SETTING.certPasswordMethodAutoScramPromotion),
        certificateSubjectRequired: isOn("security.client_cert.subject_required.enabled"),
        certificateSanRequired: isOn("security.client_cert.san_required.enabled"),
        ldapProvisioning: isOn("security.provisioning.ldap.enabled"),
        jwtAuthentication: isOn("server.jwt_authentication.enabled"),
      },
    },
  };
}
