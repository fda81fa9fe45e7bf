import type { Profile } from "../profile";

export type SettingType = "bool" | "int" | "duration" | "string" | "enum" | "version";

/** A cluster setting the stand-in knows. */
export interface Definition {
  readonly name: string;
  readonly type: SettingType;
  /** As `SHOW CLUSTER SETTING` writes it. */
  readonly default: string;
  readonly description: string;
  /** Facts 2.4: left out of SHOW CLUSTER SETTINGS. */
  readonly hidden?: boolean;
  /** Of an int. */
  readonly range?: readonly [min: number, max: number];
  /** Of an enum, by number. */
  readonly values?: Readonly<Record<number, string>>;
  /** Facts 5.5 */
  readonly sensitive?: boolean;
}

export const HBA_SETTING = "server.host_based_authentication.configuration";
export const IDENTITY_MAP_SETTING = "server.identity_map.configuration";

const MAX = Number.MAX_SAFE_INTEGER;

/** Facts 1.6, 1.8, 2.4, 5.5: the settings our code depends on, by name. */
export function definitions(profile: Profile): readonly Definition[] {
  const login = "server.user_login";
  const bool = (name: string, value: boolean, description: string): Definition => ({
    name,
    type: "bool",
    default: String(value),
    description,
  });
  const all: readonly Definition[] = [
    {
      name: HBA_SETTING,
      type: "string",
      default: "",
      sensitive: profile.sensitiveHba,
      description: "host-based authentication configuration to use during connection authentication",
    },
    {
      name: IDENTITY_MAP_SETTING,
      type: "string",
      default: "",
      sensitive: profile.sensitiveHba,
      description: "system-identity to database-username mappings",
    },
    {
      name: `${login}.password_encryption`,
      type: "enum",
      default: profile.passwordEncryption,
      values: { 2: "crdb-bcrypt", 3: "scram-sha-256" },
      description:
        "which hash method to use to encode cleartext passwords passed via ALTER/CREATE USER/ROLE WITH PASSWORD",
    },
    {
      ...bool(
        `${login}.store_client_pre_hashed_passwords.enabled`,
        true,
        "whether the server accepts to store passwords pre-hashed by clients",
      ),
      hidden: true,
    },
    {
      name: `${login}.password_hashes.default_cost.crdb_bcrypt`,
      type: "int",
      default: "10",
      range: [4, 31],
      description:
        "the hashing cost to use when storing passwords supplied as cleartext by SQL clients with the hashing method crdb-bcrypt",
    },
    {
      name: `${login}.password_hashes.default_cost.scram_sha_256`,
      type: "int",
      default: String(profile.scramCost),
      range: [4096, 240_000_000_000],
      description:
        "the hashing cost to use when storing passwords supplied as cleartext by SQL clients with the hashing method scram-sha-256",
    },
    bool(
      `${login}.upgrade_bcrypt_stored_passwords_to_scram.enabled`,
      profile.upgradesBcrypt,
      "whether to automatically re-encode stored passwords using crdb-bcrypt to scram-sha-256",
    ),
    ...(profile.rewritesScram
      ? [
          bool(
            `${login}.downgrade_scram_stored_passwords_to_bcrypt.enabled`,
            true,
            "whether to automatically re-encode stored passwords using scram-sha-256 to crdb-bcrypt",
          ),
          bool(
            `${login}.rehash_scram_stored_passwords_on_cost_change.enabled`,
            true,
            "whether to automatically re-encode stored passwords if there is a change in the configured hash cost",
          ),
        ]
      : []),
    bool(
      `${login}.cert_password_method.auto_scram_promotion.enabled`,
      true,
      "whether to automatically promote cert-password authentication to use SCRAM",
    ),
    {
      name: `${login}.min_password_length`,
      type: "int",
      default: "1",
      range: [0, MAX],
      description: "the minimum length accepted for passwords set in cleartext via SQL",
    },
    {
      name: `${login}.timeout`,
      type: "duration",
      default: "00:00:10",
      description:
        "timeout after which client authentication times out if some system range is unavailable (0 = no timeout)",
    },
    bool(
      "sql.auth.change_own_password.enabled",
      false,
      "controls whether a user is allowed to change their own password, even if they have no other privileges",
    ),
    ...(profile.subjectOption
      ? [
          bool(
            "security.client_cert.subject_required.enabled",
            false,
            "mandates a requirement for subject role to be set for db user",
          ),
          bool(
            "server.jwt_authentication.enabled",
            false,
            "enables or disables JWT login for the SQL interface",
          ),
        ]
      : []),
    ...(profile.lastLogin
      ? [
          bool(
            "security.provisioning.ldap.enabled",
            false,
            "enables automatic creation of users by LDAP logins",
          ),
        ]
      : []),
    ...(profile.sensitiveHba
      ? [
          bool(
            "server.redact_sensitive_settings.enabled",
            false,
            "enables or disables the redaction of sensitive settings",
          ),
        ]
      : []),
    {
      name: "version",
      type: "version",
      default: profile.clusterVersion,
      description: "set the active cluster version in the format '<major>.<minor>'",
    },
  ];
  return [...all].sort((a, b) => (a.name < b.name ? -1 : 1));
}
