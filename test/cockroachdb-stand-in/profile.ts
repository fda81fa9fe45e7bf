/** The versions the stand-in can play. */
export type Version = "v22.1" | "v24.3" | "v26.1";

/** What differs between versions, each with its section of the facts. */
export interface Profile {
  /** 5.1: looks real, because code goes by it. */
  readonly crdbVersion: string;
  /** 5.1: `SHOW CLUSTER SETTING version`. */
  readonly clusterVersion: string;
  /** 2.4 */
  readonly passwordEncryption: "crdb-bcrypt" | "scram-sha-256";
  readonly scramCost: number;
  readonly upgradesBcrypt: boolean;
  /** 2.4, 4.3: downgrade and re-hash exist since v22.2.6 and v22.2.7. */
  readonly rewritesScram: boolean;
  /** 2.4, 2.2: wording of range errors. */
  readonly newRangeErrors: boolean;
  /** 5.3: `default_value` and `origin` since v23.1.5. */
  readonly showsOrigin: boolean;
  /** 3.4: `role/user "x" does not exist` 42704, older without quotes and code. */
  readonly quotesMissingRole: boolean;
  /** 3.6: since v22.2 */
  readonly userIds: boolean;
  /** 3.6: since v25.3, with the array in SHOW USERS. */
  readonly lastLogin: boolean;
  /** 3.3: since v23.2 */
  readonly systemPrivileges: boolean;
  /** 3.7: off by default since v26.1. */
  readonly restrictsInternals: boolean;
  /** 3.1 */
  readonly replicationOption: boolean;
  readonly subjectOption: boolean;
  readonly bypassRlsOption: boolean;
  /** 1.1: tokens without control characters, `name= value` as one option: since 24.3. */
  readonly newScanner: boolean;
  /** 1.2: `k= O=x, OU=y` takes all, or only the next token. */
  readonly joinsOptionTokens: boolean;
  /** 1.4 */
  readonly hbaMethods: readonly string[];
  /** Facts-2: names of the identity map in lower or upper case. */
  readonly foldsIdentityMap: boolean;
  /** 1.5 */
  readonly loopbackRule: boolean;
  readonly loopbackRootRule: boolean;
  /** 5.5: the HBA setting is sensitive since 24.3. */
  readonly sensitiveHba: boolean;
}

const OLD_METHODS = [
  "cert",
  "cert-password",
  "cert-scram-sha-256",
  "password",
  "reject",
  "scram-sha-256",
  "trust",
];

const V22_1: Profile = {
  crdbVersion: "CockroachDB CCL v22.1.22 (x86_64-pc-linux-gnu, built 2023/08/07 17:08:08, go1.17.11)",
  clusterVersion: "22.1",
  passwordEncryption: "crdb-bcrypt",
  scramCost: 119_680,
  upgradesBcrypt: false,
  rewritesScram: false,
  newRangeErrors: false,
  showsOrigin: false,
  quotesMissingRole: false,
  userIds: false,
  lastLogin: false,
  systemPrivileges: false,
  restrictsInternals: false,
  replicationOption: false,
  subjectOption: false,
  bypassRlsOption: false,
  newScanner: false,
  joinsOptionTokens: false,
  hbaMethods: OLD_METHODS,
  foldsIdentityMap: false,
  loopbackRule: false,
  loopbackRootRule: false,
  sensitiveHba: false,
};

const V24_3: Profile = {
  ...V22_1,
  crdbVersion: "CockroachDB CCL v24.3.5 (x86_64-pc-linux-gnu, built 2025/02/06 16:10:10, go1.22.8)",
  clusterVersion: "24.3",
  passwordEncryption: "scram-sha-256",
  scramCost: 10_610,
  upgradesBcrypt: true,
  rewritesScram: true,
  newRangeErrors: true,
  showsOrigin: true,
  quotesMissingRole: true,
  userIds: true,
  systemPrivileges: true,
  replicationOption: true,
  subjectOption: true,
  newScanner: true,
  hbaMethods: [...OLD_METHODS, "ldap"].sort(),
  loopbackRule: true,
  loopbackRootRule: true,
  sensitiveHba: true,
};

const V26_1: Profile = {
  ...V24_3,
  crdbVersion: "CockroachDB CCL v26.1.0 (x86_64-pc-linux-gnu, built 2026/01/28 19:20:21, go1.25.5)",
  clusterVersion: "26.1",
  lastLogin: true,
  restrictsInternals: true,
  bypassRlsOption: true,
  joinsOptionTokens: true,
  foldsIdentityMap: true,
  hbaMethods: [...OLD_METHODS, "ldap", "peer"].sort(),
};

export const PROFILES: Readonly<Record<Version, Profile>> = {
  "v22.1": V22_1,
  "v24.3": V24_3,
  "v26.1": V26_1,
};
