import type { LoginRole } from "../../database/contract/access";
import type { HbaLogin } from "../../hba";
import { type Dialect, isCockroachdb } from "../../hba/dialect";
import type { Transport } from "../../hba/transport";

/** How a login comes, apart from the address. */
export interface Door extends Pick<HbaLogin, "tls" | "gssEncryption" | "clientCertificate"> {
  readonly transport: Transport;
}

/** Every one that a role may try; a certificate is one of its own. */
export function doorsOf({ name, certificateSubject }: LoginRole, dialect: Dialect): Door[] {
  const clientCertificate = {
    commonName: name,
    ...(certificateSubject !== undefined && { distinguishedName: certificateSubject }),
  };
  return [
    { transport: "tls", tls: true, clientCertificate },
    { transport: "tls", tls: true },
    { transport: "plain", tls: false },
    { transport: "local", tls: false },
    ...(isCockroachdb(dialect) ? [] : [{ transport: "gss" as const, tls: false, gssEncryption: true }]),
  ];
}
