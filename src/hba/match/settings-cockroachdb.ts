import { atLeast } from "../dialect";

/** Cluster settings that decide what a client is asked and what is stored afterwards; those without a prefix stand under `server.user_login.`. */
export interface CockroachdbSettings {
  /** `password_encryption` */
  readonly passwordEncryption: "scram-sha-256" | "crdb-bcrypt";
  /** `password_hashes.default_cost.scram_sha_256` */
  readonly scramCost: number;
  /** `rehash_scram_stored_passwords_on_cost_change.enabled` */
  readonly rehashOnCostChange: boolean;
  /** `upgrade_bcrypt_stored_passwords_to_scram.enabled` */
  readonly upgradeBcryptToScram: boolean;
  /** `downgrade_scram_stored_passwords_to_bcrypt.enabled` */
  readonly downgradeScramToBcrypt: boolean;
  /** `cert_password_method.auto_scram_promotion.enabled` */
  readonly autoScramPromotion: boolean;
  /** `security.client_cert.subject_required.enabled`: a user needs a SUBJECT to come by a certificate. */
  readonly certificateSubjectRequired: boolean;
  /** `security.client_cert.san_required.enabled`: of a certificate its subject alternative names count. */
  readonly certificateSanRequired: boolean;
  /** `security.provisioning.ldap.enabled`: who logs in by LDAP and does not exist is created. */
  readonly ldapProvisioning: boolean;
  /** `server.jwt_authentication.enabled`: a login with a JSON Web Token is not subject to the HBA rules. */
  readonly jwtAuthentication: boolean;
}

/** A setting that a version doesn't have yet acts as `false`. */
export function defaultSettings(version: string): CockroachdbSettings {
  const from = (since: string) => atLeast(version, since);
  return {
    passwordEncryption: from("22.2") ? "scram-sha-256" : "crdb-bcrypt",
    scramCost: from("22.2.7") ? 10610 : 119680,
    rehashOnCostChange: from("22.2.7"),
    upgradeBcryptToScram: from("22.2"),
    downgradeScramToBcrypt: from("22.2.6"),
    autoScramPromotion: true,
    certificateSubjectRequired: false,
    certificateSanRequired: false,
    ldapProvisioning: false,
    jwtAuthentication: false,
  };
}
