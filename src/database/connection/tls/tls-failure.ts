/** What is wrong with a server's certificate or its TLS, by Node's code; a message begins with the server. */
interface TlsFailure {
  readonly problem: string;
  readonly hint: string;
}

const UNTRUSTED = {
  problem: "shows a certificate of an authority that is not trusted here",
  hint: "name the file of that authority's certificate as sslrootcert, once you know it is the right one",
};
const NO_LIST = {
  problem: "shows a certificate of an authority whose revocation list is missing",
  hint: "add the list of each authority in its chain to sslcrl or sslcrldir",
};
const NO_COMMON_VERSION = {
  problem: "speaks no version of TLS that the connection allows",
  hint: "see ssl_min_protocol_version and ssl_max_protocol_version",
};

const NOT_TLS = {
  problem: "answers the TLS handshake with something that is no TLS",
  hint: "check host and port, and see what runs there; with sslnegotiation=direct it must be PostgreSQL 17 or later",
};

/** Codes: Node documentation, "X509 certificate error codes" and OpenSSL's reasons. */
const FAILURES: Readonly<Record<string, TlsFailure>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  INVALID_CA: UNTRUSTED,
  CERT_HAS_EXPIRED: {
    problem: "shows a certificate that has expired, or whose authority's has",
    hint: "have it renewed, and see the clock of this machine",
  },
  CERT_NOT_YET_VALID: {
    problem: "shows a certificate that is not valid yet",
    hint: "see the clocks of both machines",
  },
  CERT_REVOKED: {
    problem: "shows a certificate that its authority has revoked (sslcrl)",
    hint: "somebody else may have its key: find out, and have a new one issued",
  },
  UNABLE_TO_GET_CRL: NO_LIST,
  CRL_SIGNATURE_FAILURE: NO_LIST,
  CRL_HAS_EXPIRED: {
    problem: "shows a certificate of an authority whose revocation list is out of date",
    hint: "fetch a new one for sslcrl or sslcrldir",
  },
  ERR_SSL_UNSUPPORTED_PROTOCOL: NO_COMMON_VERSION,
  ERR_SSL_NO_PROTOCOLS_AVAILABLE: NO_COMMON_VERSION,
  ERR_SSL_WRONG_VERSION_NUMBER: NOT_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NOT_TLS,
};

const REFUSED_CERTIFICATE = {
  problem: "refuses the certificate of this client (sslcert)",
  hint: "see the server's log; use one that is issued for this user by the authority of its ssl_ca_file, or none (sslcertmode=disable)",
};

/** What the server says of it (RFC 8446, section 6.2), by the end of Node's code, whose beginning differs with OpenSSL's versions. */
const ALERTS: Readonly<Record<string, TlsFailure>> = {
  PROTOCOL_VERSION: NO_COMMON_VERSION,
  HANDSHAKE_FAILURE: {
    problem: "has no cipher in common with this client, or wants a certificate of it",
    hint: "see the server's log and its ssl_ciphers, and sslcert",
  },
  CERTIFICATE_REQUIRED: {
    problem: "wants a certificate of this client",
    hint: "give sslcert and sslkey",
  },
  UNKNOWN_CA: REFUSED_CERTIFICATE,
  BAD_CERTIFICATE: REFUSED_CERTIFICATE,
  UNSUPPORTED_CERTIFICATE: REFUSED_CERTIFICATE,
  CERTIFICATE_EXPIRED: REFUSED_CERTIFICATE,
  CERTIFICATE_REVOKED: REFUSED_CERTIFICATE,
  CERTIFICATE_UNKNOWN: REFUSED_CERTIFICATE,
  // The signature of its authority is not that of the one with the same name.
  DECRYPT_ERROR: REFUSED_CERTIFICATE,
  ACCESS_DENIED: REFUSED_CERTIFICATE,
  UNRECOGNIZED_NAME: {
    problem: "does not know the name by which it is called",
    hint: "check host, by which a proxy may choose the server",
  },
  NO_APPLICATION_PROTOCOL: {
    problem: "speaks TLS, and not PostgreSQL in it",
    hint: NOT_TLS.hint,
  },
};

/** What a code means, if it is one of TLS. */
export function tlsFailure(code: string): TlsFailure | undefined {
  if (Object.hasOwn(FAILURES, code)) return FAILURES[code];
  // Alerts that are younger than TLS 1.0 are not called so.
  const [, alert = ""] = /^ERR_SSL_(?:.*_ALERT|TLSV1)_(\w+)$/.exec(code) ?? [];
  return Object.hasOwn(ALERTS, alert) ? ALERTS[alert] : undefined;
}

/** The server has no TLS, or the handshake failed. */
export class NoTls extends Error {
  readonly code: string;

  /** @param code NO_TLS, TLS_FAILED, or Node's where it says more */
  constructor(code: string, message?: string) {
    super(message);
    this.code = code;
  }

  /** Not TLS: in TLS 1.2 that belongs to the handshake, in TLS 1.3 it comes after it (RFC 8446, section 4.4.2.4). */
  get isOfCertificate(): boolean {
    const failure = tlsFailure(this.code);
    return failure === REFUSED_CERTIFICATE || failure === ALERTS.CERTIFICATE_REQUIRED;
  }
}
