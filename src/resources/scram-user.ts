import * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "./connection";
import { secretInput } from "./secret-input";

export interface ScramUserArgs {
  /**
   * The name of the role. Another name is another role: the old one is dropped.
   * @default the name of the resource
   */
  readonly username?: pulumi.Input<string>;
  /**
   * The password, which becomes a verifier on this machine; it is neither sent nor recorded. Give this or `verifier`.
   * Printable ASCII is what every driver agrees on.
   */
  readonly password?: pulumi.Input<string>;
  /** A SCRAM-SHA-256 verifier made elsewhere: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`. */
  readonly verifier?: pulumi.Input<string>;
  /**
   * PBKDF2 iteration count (RFC 5802 `i`), 4,096 to 1,000,000. Drivers refuse more than 100,000, and CockroachDB wants
   * its own default cost.
   * @default 10610
   */
  readonly iterations?: pulumi.Input<number>;
  /**
   * Where the salts come from: base64 of at least 16 random bytes, for instance the `base64` of a `random.RandomBytes`.
   * Only for update plans (`preview --save-plan`), which must know the verifier from the first preview on. A user that is
   * dropped and created anew with the same seed starts over with the same salts.
   * @default 32 random bytes, drawn once and kept in the state as a secret
   */
  readonly saltSeed?: pulumi.Input<string>;
  /**
   * Whether the role may log in.
   * @default true
   */
  readonly login?: pulumi.Input<boolean>;
  /**
   * ISO 8601 date and time with a zone from which the password is refused.
   * @default never
   */
  readonly validUntil?: pulumi.Input<string>;
  /**
   * The database server, as its administrator.
   * @default the resource's `provider`; then SCRAM_DATABASE_URL or PGHOST; then the stack's `scram:connection`
   */
  readonly connection?: pulumi.Input<string | ConnectionArgs>;
}

/**
 * A database user whose password never leaves this machine: the server gets a SCRAM-SHA-256 verifier (RFC 5802, RFC 7677).
 *
 * @example
 * ```ts
 * const app = new ScramUser("app", { password: new pulumi.Config().requireSecret("appPassword") });
 * ```
 */
export class ScramUser extends pulumi.CustomResource {
  declare readonly username: pulumi.Output<string>;
  /** What the server stores; a secret, since passwords can be guessed against it. */
  declare readonly verifier: pulumi.Output<string>;
  /** How many passwords the user has had: a preview that shows `1 => 2` is a rotation. */
  declare readonly generation: pulumi.Output<number>;
  declare readonly iterations: pulumi.Output<number>;
  declare readonly login: pulumi.Output<boolean>;
  declare readonly validUntil: pulumi.Output<string | undefined>;

  constructor(name: string, args: ScramUserArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "pulumi-nodejs:dynamic/scram:User",
      name,
      {
        ...args,
        username: args.username ?? name,
        password: secretInput(args.password),
        verifier: secretInput(args.verifier),
        saltSeed: secretInput(args.saltSeed),
        connection: secretInput(args.connection),
        // Named even when not given: the SDK fills in only the outputs that it was told of.
        iterations: args.iterations,
        login: args.login,
        validUntil: args.validUntil,
        generation: undefined,
        // Recorded with every user and run by the dynamic-provider process: constant, or each release would be a change.
        __provider: 'exports.handler=()=>require("pulumi-scram/provider").user;',
      },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["verifier", "saltSeed", "connection"] }),
    );
  }
}
