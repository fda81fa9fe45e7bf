import { type Dialect, postgresqlHas } from "../dialect";
import type { ConnectionType } from "../model";

export interface PostgresqlMethod {
  /** Connection types it may stand on; the message for any other. */
  readonly only?: { readonly connections: readonly ConnectionType[]; readonly otherwise: string };
}

const TCP: readonly ConnectionType[] = ["host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"];

/** parse_hba_line in src/backend/libpq/hba.c. */
const METHODS: Record<string, PostgresqlMethod> = {
  trust: {},
  reject: {},
  "scram-sha-256": {},
  md5: {},
  password: {},
  ident: {},
  ldap: {},
  pam: {},
  radius: {},
  oauth: {},
  sspi: {},
  bsd: {},
  gss: {
    only: { connections: TCP, otherwise: "gssapi authentication is not supported on local sockets" },
  },
  peer: {
    only: { connections: ["local"], otherwise: "peer authentication is only supported on local sockets" },
  },
  cert: {
    only: {
      connections: ["hostssl"],
      otherwise: "cert authentication is only supported on hostssl connections",
    },
  },
};

export function postgresqlMethod(name: string, dialect: Dialect): PostgresqlMethod | undefined {
  if (name === "oauth" && !postgresqlHas(dialect, "oauth")) return undefined;
  return Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
}

export interface PostgresqlOption {
  /** Methods that take it; absent when any does. */
  readonly methods?: readonly string[];
  /** The list of methods in the server's words, where it is not simply the one method. */
  readonly listed?: string;
  /** Takes effect on these connection types only, others being an error. */
  readonly connection?: ConnectionType;
  /** The values it may have. A wrong one stops the file from loading, yet pg_hba_file_rules shows no error. */
  readonly values?: readonly string[];
}

const GSSAPI = { methods: ["gss", "sspi"], listed: "gssapi and sspi" };
const LDAP: PostgresqlOption = { methods: ["ldap"] };
const RADIUS: PostgresqlOption = { methods: ["radius"] };
const OAUTH: PostgresqlOption = { methods: ["oauth"] };

/** parse_hba_auth_opt in the same file. */
const OPTIONS: Record<string, PostgresqlOption> = {
  map: {
    methods: ["ident", "peer", "gss", "sspi", "cert", "oauth"],
    listed: "ident, peer, gssapi, sspi, cert, and oauth",
  },
  clientcert: { connection: "hostssl", values: ["verify-full", "verify-ca"] },
  clientname: { connection: "hostssl", values: ["CN", "DN"] },
  pamservice: { methods: ["pam"] },
  pam_use_hostname: { methods: ["pam"] },
  ldapurl: LDAP,
  ldaptls: LDAP,
  ldapscheme: LDAP,
  ldapserver: LDAP,
  ldapport: LDAP,
  ldapbinddn: LDAP,
  ldapbindpasswd: LDAP,
  ldapsearchattribute: LDAP,
  ldapsearchfilter: LDAP,
  ldapbasedn: LDAP,
  ldapprefix: LDAP,
  ldapsuffix: LDAP,
  krb_realm: GSSAPI,
  include_realm: GSSAPI,
  compat_realm: { methods: ["sspi"] },
  upn_username: { methods: ["sspi"] },
  radiusservers: RADIUS,
  radiusports: RADIUS,
  radiussecrets: RADIUS,
  radiusidentifiers: RADIUS,
  issuer: OAUTH,
  scope: OAUTH,
  validator: OAUTH,
  delegate_ident_mapping: OAUTH,
};

/** Before 18 `map` was not for oauth, and the message said so. */
const MAP_BEFORE_OAUTH: PostgresqlOption = {
  methods: ["ident", "peer", "gss", "sspi", "cert"],
  listed: "ident, peer, gssapi, sspi, and cert",
};

export function postgresqlOption(name: string, dialect: Dialect): PostgresqlOption | undefined {
  const option = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
  if (postgresqlHas(dialect, "oauth")) return option;
  if (name === "map") return MAP_BEFORE_OAUTH;
  return option === OAUTH ? undefined : option;
}
