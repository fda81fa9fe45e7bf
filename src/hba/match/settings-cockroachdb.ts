import { atLeast } from "../dialect";

/** Cluster settings under `server.user_login.` that decide what a client is asked and what is stored afterwards. */
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
  };
}
