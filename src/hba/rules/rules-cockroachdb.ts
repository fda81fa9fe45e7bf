import type { Method, MethodNeeding, MethodWith, NameMap, Noted, OneOrMore, Socket, Tcp } from "./rule-parts";

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
    // On `host` too: whoever comes without TLS is refused there, where `hostssl` lets them go on to the next rule.
    | (Tcp<"host" | "hostssl"> & (MethodWith<"cert", NameMap> | MethodNeeding<"gss", GssOptions>))
    | (Socket & MethodWith<"peer", NameMap>)
  );
