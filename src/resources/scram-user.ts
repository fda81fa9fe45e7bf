import * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "./connection";
import { keepsPassword } from "./ignored-passwords";
import { keepOutputs } from "./outputs";
import { ownerName } from "./owner";
import { providerCode } from "./provider-code";
import type { MembershipArgs } from "./role-options";
import { secretInput } from "./secret-input";
import { sendable } from "./sendable";
import type { SingleUserArgs } from "./user-args";

interface OwnArgs {
  /**
   * The name of the role. Changing it renames the role on PostgreSQL; on CockroachDB it deletes the old role and creates a new one.
   * @default the name of the resource
   */
  readonly username?: pulumi.Input<string>;
  /**
   * The administrator's connection to the database server.
   * @default the resource's `provider`; then SCRAM_DATABASE_URL, PGHOST, PGHOSTADDR or PGSERVICE; then the stack's `scram:connection`
   */
  readonly connection?: pulumi.Input<string | ConnectionArgs>;
}

/** Every user has a password or a verifier, or says that it has none. */
export type ScramUserArgs = SingleUserArgs & OwnArgs;

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
  /** What the server stores; nothing without a password. A secret, because passwords can be guessed against it. */
  declare readonly verifier: pulumi.Output<string | undefined>;
  /** How many passwords the user has had: if a preview shows `1 => 2`, that is a rotation. */
  declare readonly generation: pulumi.Output<number>;
  declare readonly iterations: pulumi.Output<number | undefined>;
  declare readonly login: pulumi.Output<boolean>;
  declare readonly validUntil: pulumi.Output<string | undefined>;
  /** Names of roles; with options, `{ role, admin?, inherit?, set? }`. */
  declare readonly memberOf: pulumi.Output<(string | pulumi.Unwrap<MembershipArgs>)[] | undefined>;

  constructor(name: string, args: ScramUserArgs, opts?: pulumi.CustomResourceOptions) {
    const given = sendable(`ScramUser "${name}"`, args);
    const kept = keepsPassword(opts, ["password"]);
    const sent = {
      ...given,
      ...kept,
      username: given.username ?? name,
      password: secretInput(given.password),
      verifier: secretInput(given.verifier),
      saltSeed: secretInput(given.saltSeed),
      connection: secretInput(given.connection),
      // Named even when not given: the SDK fills in only the outputs that are named here.
      iterations: given.iterations,
      login: given.login,
      validUntil: given.validUntil,
      memberOf: given.memberOf,
      generation: undefined,
      owner: ownerName("User", name, opts),
      __provider: providerCode("user"),
    };
    super(
      "pulumi-nodejs:dynamic/scram:User",
      name,
      sent,
      // Two roles cannot have one name, also where the engine replaces by itself because the Provider has changed.
      pulumi.mergeOptions(
        { deleteBeforeReplace: true, ...opts },
        {
          additionalSecretOutputs: ["verifier", "saltSeed", "history", "connection"],
        },
      ),
    );
    const hasNone = given.password === undefined && given.verifier === undefined && !kept.keepsPassword;
    keepOutputs(this, sent, OUTPUTS, [
      ...(["validUntil", "memberOf"] as const).filter((key) => given[key] === undefined),
      ...(hasNone ? ["verifier", "iterations"] : []),
    ]);
  }
}

const OUTPUTS = ["username", "verifier", "generation", "iterations", "login", "validUntil", "memberOf"];
