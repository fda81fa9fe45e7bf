import type { Product } from "./dialect";

type OneOrMore<T> = T | readonly T[];

/** What every rule may have. */
interface Noted {
  /** Written behind the rule, after `#`. One line. */
  readonly comment?: string;
}

interface Socket {
  readonly connection: "local";
  readonly address?: never;
}

interface Tcp<C extends string = "host" | "hostssl" | "hostnossl"> {
  readonly connection: C;
  /** A CIDR such as `10.0.0.0/8`, a single IP address, or `all`. */
  readonly address: string;
}

type Tls = Tcp<"hostssl">;

interface Method<M extends string> {
  readonly method: M;
  readonly options?: never;
}

interface MethodWith<M extends string, O> {
  readonly method: M;
  readonly options?: O;
}

interface MethodNeeding<M extends string, O> {
  readonly method: M;
  readonly options: O;
}

/** The name of a map that turns a certificate's or the system's names into users. */
interface NameMap {
  readonly map?: string;
}

// ---- CockroachDB ----

/** A user's name, or the keyword `all`; the user who is called `all` is `{ name: "all" }`. */
export type CockroachdbUser = string | { readonly name: string };

interface CockroachdbColumns extends Noted {
  /** CockroachDB has no rules per database. */
  readonly database?: "all";
  readonly user: OneOrMore<CockroachdbUser>;
}

interface CockroachdbLdap {
  readonly ldapserver: string;
  readonly ldapport: "389" | "636";
  readonly ldapbasedn: string;
  readonly ldapbinddn: string;
  readonly ldapbindpasswd: string;
  readonly ldapsearchattribute: string;
  readonly ldapsearchfilter: string;
  readonly ldapgrouplistfilter?: string;
}

type GssOptions =
  | { readonly include_realm: "0"; readonly krb_realm?: OneOrMore<string>; readonly map?: string }
  | { readonly include_realm?: "0"; readonly krb_realm?: OneOrMore<string>; readonly map: string };

export type CockroachdbRule = CockroachdbColumns &
  (
    | ((Socket | Tcp) &
        (
          | Method<"scram-sha-256" | "cert-scram-sha-256" | "password" | "trust" | "reject">
          | MethodWith<"cert-password", NameMap>
          | MethodNeeding<"ldap", CockroachdbLdap>
        ))
    | (Tls & (MethodWith<"cert", NameMap> | MethodNeeding<"gss", GssOptions>))
    | (Socket & MethodWith<"peer", NameMap>)
  );

// ---- PostgreSQL ----

/** A name, or a keyword of its column; a name that looks like one is `{ name: "all" }`. */
export type PostgresqlName =
  | string
  | { readonly name: string }
  /** A regular expression, unanchored; PostgreSQL 16 or later. */
  | { readonly matches: string };

/** A user, or the members of a role. */
export type PostgresqlUser = PostgresqlName | { readonly memberOf: string };

interface PostgresqlColumns extends Noted {
  /** Keywords: `all`, `sameuser`, `samerole`, `replication`. @default all */
  readonly database?: OneOrMore<PostgresqlName>;
  /** Keyword: `all`. */
  readonly user: OneOrMore<PostgresqlUser>;
}

type PlainTcp = Tcp<"host" | "hostnossl" | "hostgssenc" | "hostnogssenc">;

/** On `hostssl` any method may ask for a certificate first. */
interface ClientCertificate {
  readonly clientcert?: "verify-ca" | "verify-full";
  readonly clientname?: "CN" | "DN";
}

interface Ldap {
  readonly ldapurl?: string;
  readonly ldapscheme?: "ldap" | "ldaps";
  readonly ldapserver?: string;
  readonly ldapport?: string;
  readonly ldaptls?: "0" | "1";
  readonly ldapprefix?: string;
  readonly ldapsuffix?: string;
  readonly ldapbasedn?: string;
  readonly ldapbinddn?: string;
  readonly ldapbindpasswd?: string;
  readonly ldapsearchattribute?: string;
  readonly ldapsearchfilter?: string;
}

interface Radius {
  readonly radiusservers: string;
  readonly radiussecrets: string;
  readonly radiusports?: string;
  readonly radiusidentifiers?: string;
}

interface Pam {
  readonly pamservice?: string;
  readonly pam_use_hostname?: "0" | "1";
}

interface Oauth {
  readonly issuer: string;
  readonly scope: string;
  readonly validator?: string;
  readonly map?: string;
  readonly delegate_ident_mapping?: "0" | "1";
}

interface PostgresqlGss extends NameMap {
  readonly include_realm?: "0" | "1";
  readonly krb_realm?: string;
}

type Hashed = "scram-sha-256" | "md5" | "password" | "trust" | "reject";
type Sspi = PostgresqlGss & { readonly compat_realm?: "0" | "1"; readonly upn_username?: "0" | "1" };

/** Methods for every connection type; `C` is what `hostssl` adds to their options. */
type Anywhere<C> =
  | MethodWith<Hashed | "bsd", C>
  | MethodNeeding<"ldap", Ldap & C>
  | MethodNeeding<"radius", Radius & C>
  | MethodWith<"pam", Pam & C>
  | MethodNeeding<"oauth", Oauth & C>;

type OverTcp<C> =
  | MethodWith<"ident", NameMap & C>
  | MethodWith<"gss", PostgresqlGss & C>
  | MethodWith<"sspi", Sspi & C>;

/** Elsewhere than on `hostssl` there is no certificate to ask for. */
interface NoCertificate {
  readonly clientcert?: never;
  readonly clientname?: never;
}

export type PostgresqlRule = PostgresqlColumns &
  (
    | (Socket & (Anywhere<NoCertificate> | MethodWith<"peer", NameMap>))
    | (PlainTcp & (Anywhere<NoCertificate> | OverTcp<NoCertificate>))
    | (Tls &
        (
          | Anywhere<ClientCertificate>
          | OverTcp<ClientCertificate>
          | MethodWith<"cert", NameMap & Pick<ClientCertificate, "clientname">>
        ))
  );

export interface RulesOf {
  readonly cockroachdb: CockroachdbRule;
  readonly postgresql: PostgresqlRule;
}

/** A rule of the product, typed so that what its server refuses does not compile. */
export type HbaRule<P extends Product = Product> = RulesOf[P];
