import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ConnectionOptions } from "node:tls";
import { ScramError } from "../../scram/error";

const SSL_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;
export type SslMode = (typeof SSL_MODES)[number];

export function isSslMode(text: string): text is SslMode {
  return (SSL_MODES as readonly string[]).includes(text);
}

export interface TlsSettings {
  readonly sslmode: SslMode;
  /** Files in PEM; `sslrootcert` may be `system`. */
  readonly sslrootcert: string | undefined;
  readonly sslcert: string | undefined;
  readonly sslkey: string | undefined;
}

/** One way to open a connection: with these TLS options, or without TLS. */
export type TlsAttempt = false | ConnectionOptions;

/**
 * What to try, in order, with libpq's meaning of `sslmode` (PostgreSQL documentation, table 34.1): `allow` and `prefer`
 * are two tries each, `require` checks the certificate's chain only where a root certificate is at hand.
 *
 * @throws ScramError `connection-tls` for a certificate file that cannot be read
 */
export function tlsAttempts(
  settings: TlsSettings,
  folder = join(homedir(), ".postgresql"),
): readonly TlsAttempt[] {
  const { sslmode } = settings;
  if (sslmode === "disable") return [false];
  const tls = { ...clientCertificate(settings, folder), ...serverVerification(settings, folder) };
  if (sslmode === "allow") return [false, tls];
  return sslmode === "prefer" ? [tls, false] : [tls];
}

function serverVerification({ sslmode, sslrootcert }: TlsSettings, folder: string): ConnectionOptions {
  const file = sslrootcert ?? existing(join(folder, "root.crt"));
  const anyName = { checkServerIdentity: () => undefined };
  if (file === "system") return {};
  const ca = file === undefined ? {} : { ca: read("sslrootcert", file) };
  switch (sslmode) {
    case "verify-full":
      // Where libpq wants a file, the public roots that Node carries serve: the name is checked as well.
      return ca;
    case "verify-ca":
      if (file === undefined) {
        throw new ScramError("connection-tls", "sslmode=verify-ca needs a root certificate", {
          hint: "give its file as sslrootcert, or use verify-full",
        });
      }
      return { ...ca, ...anyName };
    default:
      return file === undefined || sslmode !== "require"
        ? { rejectUnauthorized: false }
        : { ...ca, ...anyName };
  }
}

function clientCertificate({ sslcert, sslkey }: TlsSettings, folder: string): ConnectionOptions {
  const cert = sslcert ?? existing(join(folder, "postgresql.crt"));
  if (cert === undefined) return {};
  return {
    cert: read("sslcert", cert),
    key: read("sslkey", sslkey ?? join(folder, "postgresql.key")),
  };
}

function existing(file: string): string | undefined {
  return existsSync(file) ? file : undefined;
}

function read(parameter: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ScramError("connection-tls", `the file of ${parameter} cannot be read: ${file} [${code}]`);
  }
}
