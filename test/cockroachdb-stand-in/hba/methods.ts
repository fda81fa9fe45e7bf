import { SqlError, UNCATEGORISED } from "../wire/sql-error";
import type { HbaEntry } from "./parse";

/** Facts 1.4: the connections a method works on, and its options at SET time. */
export interface Method {
  /** Absent: any. */
  readonly only?: "hostssl" | "local";
  readonly checkOptions: (entry: HbaEntry) => void;
}

const LDAP_MANDATORY = [
  "ldapserver",
  "ldapport",
  "ldapbasedn",
  "ldapbinddn",
  "ldapbindpasswd",
  "ldapsearchattribute",
  "ldapsearchfilter",
];
/** Facts-2, "HBA language and versions": as far as it is told there. */
const LDAP_REFUSED: Readonly<Record<string, RegExp>> = {
  ldapport: /^(?!(?:389|636)$)/,
  ldapserver: /^:/,
  ldapbasedn: /^[^=]+$/,
  ldapbinddn: /^[^=]+$/,
};
const LDAP_OPTIONAL = ["ldapgrouplistfilter"];

export const METHODS: Readonly<Record<string, Method>> = {
  password: { checkOptions: none },
  "scram-sha-256": { checkOptions: none },
  "cert-scram-sha-256": { checkOptions: none },
  trust: { checkOptions: none },
  reject: { checkOptions: none },
  cert: { only: "hostssl", checkOptions: () => {} },
  "cert-password": { checkOptions: () => {} },
  peer: { only: "local", checkOptions: () => {} },
  ldap: { checkOptions: ldap },
};

function none({ method, options }: HbaEntry): void {
  if (options.length > 0) {
    throw new SqlError(UNCATEGORISED, `the HBA method "${method.value}" does not accept options`);
  }
}

function ldap({ options }: HbaEntry): void {
  for (const [name, value] of options) {
    if (![...LDAP_MANDATORY, ...LDAP_OPTIONAL].includes(name)) {
      throw new SqlError(UNCATEGORISED, `unknown ldap option provided in hba conf: "${name}"`);
    }
    if (LDAP_REFUSED[name]?.test(value)) {
      throw new SqlError(UNCATEGORISED, `LDAP option "${name}" is set to invalid value: "${value}"`);
    }
  }
  const missing = LDAP_MANDATORY.find((name) => !options.some(([given]) => given === name));
  if (missing !== undefined) {
    throw new SqlError(UNCATEGORISED, `ldap option not found in hba entry: "${missing}"`);
  }
}
