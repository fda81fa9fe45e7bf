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

/** Codes: Node documentation, "X509 certificate error codes" and OpenSSL's alerts. */
export const TLS_FAILURES: Readonly<Record<string, TlsFailure>> = {
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
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: NO_COMMON_VERSION,
  ERR_SSL_UNSUPPORTED_PROTOCOL: NO_COMMON_VERSION,
  ERR_SSL_NO_PROTOCOLS_AVAILABLE: NO_COMMON_VERSION,
};
