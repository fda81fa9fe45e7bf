import * as pulumi from "@pulumi/pulumi";
import type { Product } from "../hba";
import type { ConnectionArgs } from "./connection";
import { keepOutputs } from "./outputs";
import { providerCode } from "./provider-code";
import { secretInput } from "./secret-input";
import { sendable } from "./sendable";

interface CommonArgs {
  /**
   * The administrator's connection to the database server.
   * @default the resource's `provider`; then SCRAM_DATABASE_URL, PGHOST, PGHOSTADDR or PGSERVICE; then the stack's `scram:connection`
   */
  readonly connection?: pulumi.Input<string | ConnectionArgs>;
}

/** Cluster settings under `server.user_login.`; settings that are not given are left alone. */
export interface CockroachdbAuthSettingsArgs extends CommonArgs {
  readonly product: "cockroachdb";
  /** `password_encryption`: how the cluster hashes a plaintext password. */
  readonly passwordEncryption?: pulumi.Input<"scram-sha-256" | "crdb-bcrypt">;
  /**
   * `store_client_pre_hashed_passwords.enabled`: if it is off, the cluster treats a verifier as a password, and ScramUser
   * refuses to work.
   */
  readonly storeClientPreHashedPasswords?: pulumi.Input<boolean>;
  /** `upgrade_bcrypt_stored_passwords_to_scram.enabled`: upgrades at the next login with a cleartext password. */
  readonly upgradeBcryptStoredPasswordsToScram?: pulumi.Input<boolean>;
  /** `downgrade_scram_stored_passwords_to_bcrypt.enabled`: has an effect only while `passwordEncryption` is `crdb-bcrypt`. */
  readonly downgradeScramStoredPasswordsToBcrypt?: pulumi.Input<boolean>;
  /**
   * `rehash_scram_stored_passwords_on_cost_change.enabled`: while it is on, `cert-password` rules ask for the cleartext
   * password if a verifier's iteration count is not the cluster's.
   */
  readonly rehashScramStoredPasswordsOnCostChange?: pulumi.Input<boolean>;
  /** `cert_password_method.auto_scram_promotion.enabled`: whether `cert-password` rules use SCRAM where they can. */
  readonly certPasswordMethodAutoScramPromotion?: pulumi.Input<boolean>;
  /** `password_hashes.default_cost.scram_sha_256`: PBKDF2 iterations, 4,096 to 1,000,000. */
  readonly defaultCostScramSha256?: pulumi.Input<number>;
  /** `password_hashes.default_cost.crdb_bcrypt`: 4 to 31. */
  readonly defaultCostCrdbBcrypt?: pulumi.Input<number>;
  /** `min_password_length`, in bytes; the cluster cannot check it for a verifier. */
  readonly minPasswordLength?: pulumi.Input<number>;
}

/** Set with ALTER SYSTEM, which requires a superuser; settings that are not given are left alone. */
export interface PostgresqlAuthSettingsArgs extends CommonArgs {
  readonly product: "postgresql";
  /** `password_encryption`: how the server hashes a plaintext password. */
  readonly passwordEncryption?: pulumi.Input<"scram-sha-256" | "md5">;
  /** `scram_iterations` (PostgreSQL 16): PBKDF2 iterations for passwords that the server itself hashes, 1 to 1,000,000. */
  readonly scramIterations?: pulumi.Input<number>;
}

export type AuthSettingsArgs = CockroachdbAuthSettingsArgs | PostgresqlAuthSettingsArgs;

/**
 * The server's password settings. Only those given are touched, and only those are outputs. A setting that is destroyed, or no longer given, goes back to
 * its previous value, or is unset if it was not set before.
 *
 * @example
 * ```ts
 * new AuthSettings("auth", { product: "cockroachdb", passwordEncryption: "scram-sha-256", defaultCostScramSha256: 10610 });
 * ```
 */
export class AuthSettings extends pulumi.CustomResource {
  declare readonly product: pulumi.Output<Product>;
  declare readonly passwordEncryption: pulumi.Output<"scram-sha-256" | "crdb-bcrypt" | "md5" | undefined>;
  declare readonly storeClientPreHashedPasswords: pulumi.Output<boolean | undefined>;
  declare readonly upgradeBcryptStoredPasswordsToScram: pulumi.Output<boolean | undefined>;
  declare readonly downgradeScramStoredPasswordsToBcrypt: pulumi.Output<boolean | undefined>;
  declare readonly rehashScramStoredPasswordsOnCostChange: pulumi.Output<boolean | undefined>;
  declare readonly certPasswordMethodAutoScramPromotion: pulumi.Output<boolean | undefined>;
  declare readonly defaultCostScramSha256: pulumi.Output<number | undefined>;
  declare readonly defaultCostCrdbBcrypt: pulumi.Output<number | undefined>;
  declare readonly minPasswordLength: pulumi.Output<number | undefined>;
  declare readonly scramIterations: pulumi.Output<number | undefined>;

  constructor(name: string, args: AuthSettingsArgs, opts?: pulumi.CustomResourceOptions) {
    const given = sendable(`AuthSettings "${name}"`, args);
    const sent = {
      ...given,
      connection: secretInput(given.connection),
      __provider: providerCode("settings"),
    };
    super(
      "pulumi-nodejs:dynamic/scram:AuthSettings",
      name,
      sent,
      pulumi.mergeOptions(
        { deleteBeforeReplace: true, ...opts },
        { additionalSecretOutputs: ["connection"] },
      ),
    );
    keepOutputs(
      this,
      sent,
      OUTPUTS,
      OUTPUTS.filter((key) => given[key as keyof AuthSettingsArgs] === undefined),
    );
  }
}

const OUTPUTS = [
  "product",
  "passwordEncryption",
  "storeClientPreHashedPasswords",
  "upgradeBcryptStoredPasswordsToScram",
  "downgradeScramStoredPasswordsToBcrypt",
  "rehashScramStoredPasswordsOnCostChange",
  "certPasswordMethodAutoScramPromotion",
  "defaultCostScramSha256",
  "defaultCostCrdbBcrypt",
  "minPasswordLength",
  "scramIterations",
];
