import type { MethodNeeding, MethodWith, NameMap, Noted, OneOrMore, Socket, Tcp, Tls } from "./rule-parts";

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

interface LdapServer {
  readonly ldapscheme?: "ldap" | "ldaps";
  readonly ldapserver?: string;
  readonly ldapport?: string;
  readonly ldaptls?: "0" | "1";
}

/** To bind as a name that is made of the user's. */
interface SimpleBind extends Never<keyof SearchAndBind | "ldapurl"> {
  readonly ldapprefix?: string;
  readonly ldapsuffix?: string;
}

/** To look for the user's entry, and to bind as that. */
interface SearchAndBind {
  readonly ldapbasedn?: string;
  readonly ldapbinddn?: string;
  readonly ldapbindpasswd?: string;
  readonly ldapsearchattribute?: string;
  readonly ldapsearchfilter?: string;
}

type Never<K extends string> = { readonly [P in K]?: never };

type Search = Never<"ldapprefix" | "ldapsuffix"> &
  SearchAndBind &
  (Never<"ldapsearchattribute"> | Never<"ldapsearchfilter">);

/** One of its two modes (PostgreSQL 20.10); a URL gives the parts of the second. */
type Ldap = LdapServer &
  (
    | (SimpleBind & (Required<Pick<SimpleBind, "ldapprefix">> | Required<Pick<SimpleBind, "ldapsuffix">>))
    | (Search & (Required<Pick<SearchAndBind, "ldapbasedn">> | { readonly ldapurl: string }))
  );

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
