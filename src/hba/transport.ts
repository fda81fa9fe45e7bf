import { type Dialect, isCockroachdb } from "./dialect";
import type { ConnectionType } from "./model";

/** How a login arrives: a Unix socket, TCP with TLS, TCP without, TCP under GSSAPI encryption. */
export type Transport = "local" | "tls" | "plain" | "gss";

/** A GSSAPI-encrypted connection has no TLS, so `hostnossl` matches it as well. */
const TRANSPORTS: Record<ConnectionType, readonly Transport[]> = {
  local: ["local"],
  host: ["tls", "plain", "gss"],
  hostssl: ["tls"],
  hostnossl: ["plain", "gss"],
  hostgssenc: ["gss"],
  hostnogssenc: ["tls", "plain"],
  // Only the server's connections to itself.
  loopback: [],
};

/** The transports a connection type matches. */
export function transportsOf(type: ConnectionType, dialect: Dialect): readonly Transport[] {
  const transports = TRANSPORTS[type];
  return isCockroachdb(dialect) ? transports.filter((transport) => transport !== "gss") : transports;
}

export const TRANSPORT_NAMES: Record<Transport, string> = {
  local: "over a Unix socket",
  tls: "with TLS",
  plain: "without encryption",
  gss: "with GSSAPI encryption",
};
