const ofLogins = <const N extends string>(name: N) => `server.user_login.${name}` as const;

/** Cluster settings about passwords and logins. Source: CockroachDB pkg/security/password.go. */
export const SETTING = {
  passwordEncryption: ofLogins("password_encryption"),
  storeClientPreHashedPasswords: ofLogins("store_client_pre_hashed_passwords.enabled"),
  upgradeBcryptStoredPasswordsToScram: ofLogins("upgrade_bcrypt_stored_passwords_to_scram.enabled"),
  downgradeScramStoredPasswordsToBcrypt: ofLogins("downgrade_scram_stored_passwords_to_bcrypt.enabled"),
  rehashScramStoredPasswordsOnCostChange: ofLogins("rehash_scram_stored_passwords_on_cost_change.enabled"),
  certPasswordMethodAutoScramPromotion: ofLogins("cert_password_method.auto_scram_promotion.enabled"),
  defaultCostScramSha256: ofLogins("password_hashes.default_cost.scram_sha_256"),
  defaultCostCrdbBcrypt: ofLogins("password_hashes.default_cost.crdb_bcrypt"),
  minPasswordLength: ofLogins("min_password_length"),
} as const;
