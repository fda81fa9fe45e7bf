import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type pg from "pg";
import { ScramError } from "../../scram/error";
import { classifyStoredHash } from "../../scram/stored-hash";
import type { AccessFacts, HbaAccess, HbaReading } from "../access";
import type { Session } from "../session";
import { REDACTED, readClusterSettings, writeClusterSetting } from "./settings";
import { readStoredHashes } from "./stored-hash";

export const HBA_SETTING = "server.host_based_authentication.configuration";

const LOGIN_ROLES = `SELECT rolname AS name, coalesce(rolvaliduntil < now(), false) AS expired
FROM pg_catalog.pg_roles WHERE rolcanlogin ORDER BY rolname`;

export function cockroachdbHba(session: Session): HbaAccess {
  const read = () => session.run("read the HBA rules", readHba);
  return {
    read,

    write: async (text) => {
      const before = await read();
      await writeClusterSetting(session, HBA_SETTING, text);
      try {
        await refuseOtherText(read, text);
        await session.proveLogin();
      } catch (error) {
        await writeClusterSetting(session, HBA_SETTING, before.isSet ? before.text : undefined);
        throw error;
      }
    },

    facts: () => session.run("read who logs in", readFacts),
  };
}

async function readHba(client: pg.ClientBase): Promise<HbaReading> {
  const setting = (await readClusterSettings(client)).get(HBA_SETTING);
  const text = setting?.value ?? "";
  return { text: text === REDACTED ? undefined : text, isSet: setting?.isSet ?? text !== "" };
}

/** The gateway waits for the new value; a node that is behind would go by the old one. */
async function refuseOtherText(read: () => Promise<HbaReading>, text: string | undefined): Promise<void> {
  const { text: stored } = await read();
  if (stored === undefined || stored === (text ?? "")) return;
  throw new ScramError("hba-not-stored", "the cluster does not show the HBA rules that were set", {
    hint: "what was there before was put back; see whether something else sets them",
  });
}

/** The server does not tell a session its address; ours as this machine sees it is right but behind a NAT. */
async function readOwnLogin(client: pg.ClientBase): Promise<AccessFacts["own"]> {
  const { rows } = await client.query<{ user: string; database: string }>(
    `SELECT session_user AS "user", current_database() AS database`,
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
  const { rows } = await client.query<{ name: string; expired: boolean }>(LOGIN_ROLES);
  const hashes = await readStoredHashes(client);
  const settings = await readClusterSettings(client);
  const version = (await client.query<{ crdb_version: string }>("SHOW crdb_version")).rows[0]?.crdb_version;
  const value = (name: string) => settings.get(`server.user_login.${name}`)?.value;
  const own = await readOwnLogin(client);
  const isOn = (name: string) => value(name) === "true";
  const encryption = value("password_encryption");
  return {
    roles: rows.map(({ name, expired }) => ({
      name,
      expired,
      storedHash: hashes === undefined ? { kind: "unknown" } : classifyStoredHash(hashes.get(name) ?? null),
      memberOf: [],
    })),
    own,
    context: {
      acceptSqlWithoutTls: !own.tls,
      version: /v\d+\.\d+(\.\d+)?/.exec(version ?? "")?.[0] ?? "",
      settings: {
        passwordEncryption:
          encryption === "crdb-bcrypt" || encryption === "2" ? "crdb-bcrypt" : "scram-sha-256",
        scramCost: Number(value("password_hashes.default_cost.scram_sha_256")),
        rehashOnCostChange: isOn("rehash_scram_stored_passwords_on_cost_change.enabled"),
        upgradeBcryptToScram: isOn("upgrade_bcrypt_stored_passwords_to_scram.enabled"),
        downgradeScramToBcrypt: isOn("downgrade_scram_stored_passwords_to_bcrypt.enabled"),
        autoScramPromotion: isOn("cert_password_method.auto_scram_promotion.enabled"),
      },
    },
  };
}
