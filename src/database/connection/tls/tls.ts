import { existsSync } from "node:fs";
import { isIP } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ConnectionOptions, SecureVersion } from "node:tls";
import { UserError } from "../../../errors";
import { type Host, isSocket } from "../parameters/host";
import type { SSL_CERT_MODES, SSL_MODES, SSL_NEGOTIATIONS } from "../parameters/parameters";
import { readCertificates, readKey, readRevocationLists } from "../parameters/tls-files";

export interface TlsSettings {
  readonly sslmode: (typeof SSL_MODES)[number];
  readonly sslnegotiation: (typeof SSL_NEGOTIATIONS)[number];
  /** Files in PEM; `sslrootcert` may be `system`. */
  readonly sslrootcert: string | undefined;
  readonly sslcrl: string | undefined;
  /** A folder of them. */
  readonly sslcrldir: string | undefined;
  /** With `disable` no certificate is shown, even where one is named. */
  readonly sslcertmode: (typeof SSL_CERT_MODES)[number];
  readonly sslcert: string | undefined;
  readonly sslkey: string | undefined;
  /** Of an encrypted key. */
  readonly sslpassword: string | undefined;
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion | undefined;
}

/** One way to open a connection: with these TLS options, or without TLS. */
export type TlsAttempt = false | ConnectionOptions;

/**
 * What to try with a host, in order, with libpq's meaning of `sslmode` (PostgreSQL documentation, table 34.1): `allow` and
 * `prefer` are two tries each, `require` checks the certificate's chain only where a root certificate is at hand. A Unix
 * socket carries no TLS, whatever the mode.
 *
 * @throws UserError `connection-tls` for a file that is not what it should be
 */
export function tlsAttempts(
  settings: TlsSettings,
  host: Host,
  folder = join(homedir(), ".postgresql"),
): readonly TlsAttempt[] {
  const { sslmode, minVersion, maxVersion } = settings;
  if (sslmode === "disable" || isSocket(host)) return [false];
  const tls = {
    ...nameToCheck(host),
    minVersion,
    ...(maxVersion && { maxVersion }),
    ...clientCertificate(settings, folder),
    ...serverVerification(settings, folder),
  };
  if (sslmode === "allow") return [false, tls];
  return sslmode === "prefer" ? [tls, false] : [tls];
}

/** The driver takes what it connects to for the name, unless told. */
function nameToCheck({ host, address }: Host): ConnectionOptions {
  if (address === undefined || address === host) return {};
  return isIP(host) === 0 ? { host, servername: host } : { host };
}

function serverVerification(settings: TlsSettings, folder: string): ConnectionOptions {
  const { sslmode, sslrootcert, sslcrl, sslcrldir } = settings;
  const file = sslrootcert ?? existing(join(folder, "root.crt"));
  const ca = file === undefined || file === "system" ? undefined : readCertificates("sslrootcert", file);
  if (sslmode === "verify-ca" && ca === undefined) {
    throw new UserError("connection-tls", "sslmode=verify-ca needs a root certificate", {
      hint: "give its file as sslrootcert, or use verify-full",
    });
  }
  // Where libpq wants a file, the public roots that Node carries serve for verify-full: the name is checked as well.
  const checksName = sslmode === "verify-full";
  const checksAuthority = checksName || (ca !== undefined && ["require", "verify-ca"].includes(sslmode));
  if (!checksAuthority) {
    if (sslcrl !== undefined || sslcrldir !== undefined) {
      throw new UserError(
        "connection-tls",
        `sslmode=${sslmode} checks no certificate, and so no revocation list`,
        {
          hint: "use verify-full, or leave sslcrl and sslcrldir out",
        },
      );
    }
    return { rejectUnauthorized: false };
  }
  const lists = readRevocationLists(sslcrl ?? (ca && existing(join(folder, "root.crl"))), sslcrldir);
  return {
    // Node's default, unless NODE_TLS_REJECT_UNAUTHORIZED says something else.
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca }),
    ...(lists.length > 0 && { crl: lists }),
    ...(!checksName && { checkServerIdentity: () => undefined }),
  };
}

function clientCertificate(
  { sslcertmode, sslcert, sslkey, sslpassword }: TlsSettings,
  folder: string,
): ConnectionOptions {
  const file = sslcert ?? existing(join(folder, "postgresql.crt"));
  if (file === undefined || sslcertmode === "disable") return {};
  const cert = readCertificates("sslcert", file);
  const key = readKey(sslkey ?? join(folder, "postgresql.key"), sslpassword, cert);
  return { cert, key };
}

function existing(file: string): string | undefined {
  return existsSync(file) ? file : undefined;
}
