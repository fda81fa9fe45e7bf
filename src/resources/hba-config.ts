import * as pulumi from "@pulumi/pulumi";
import type { HbaRule, Product } from "../hba";
import type { ConnectionArgs } from "./connection";
import { keepOutputs } from "./outputs";
import { providerCode } from "./provider-code";
import { secretInput } from "./secret-input";
import { sendable } from "./sendable";

interface CommonArgs {
  /**
   * What to do if the new rules would lock out somebody who can log in now (this session, or a user with their stored
   * password hash): `on` refuses, and tells what of a way in is lost; `strict` refuses that too; `warn` only warns; `off` does
   * not check.
   * @default "on"
   */
  readonly guard?: pulumi.Input<"on" | "strict" | "warn" | "off">;
  /**
   * Users who may be locked out. Whether the administrator named in `connection` still gets in is tried all the same, unless
   * it is listed here and either the guard sees that it will not, or the guard is `off`.
   */
  readonly allowLockout?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * The administrator's connection to the database server (PostgreSQL: as a superuser).
   * @default the resource's `provider`; then SCRAM_DATABASE_URL, PGHOST, PGHOSTADDR or PGSERVICE; then the stack's `scram:connection`
   */
  readonly connection?: pulumi.Input<string | ConnectionArgs>;
}

/** The rules: either typed, so that what the server refuses does not compile, or as the text of a `pg_hba.conf`. */
export type Rules<P extends Product> =
  | { readonly rules: pulumi.Input<pulumi.Input<HbaRule<P>>[]>; readonly text?: never }
  | { readonly text: pulumi.Input<string>; readonly rules?: never };

interface CockroachdbArgs extends CommonArgs {
  readonly product: "cockroachdb";
  /**
   * At `pulumi destroy`: `restore` the previous rules (refused where somebody else has changed them since), `reset` to the built-in default, or `retain` the rules as they are.
   * @default "restore"
   */
  readonly onDelete?: pulumi.Input<"restore" | "reset" | "retain">;
}

interface PostgresqlArgs extends CommonArgs {
  readonly product: "postgresql";
  /**
   * At `pulumi destroy`: `restore` the previous rules (refused where somebody else has changed them since), or `retain` the rules as they are.
   * @default "restore"
   */
  readonly onDelete?: pulumi.Input<"restore" | "retain">;
}

export type HbaConfigArgs = (CockroachdbArgs & Rules<"cockroachdb">) | (PostgresqlArgs & Rules<"postgresql">);

/**
 * The HBA rules, which say who may log in from where and how they prove who they are: PostgreSQL's `pg_hba.conf`, CockroachDB's
 * cluster setting `server.host_based_authentication.configuration`. The resource manages all of the rules and keeps the order
 * you give; the first rule that matches decides.
 *
 * @example
 * ```ts
 * new HbaConfig("hba", {
 *   product: "cockroachdb",
 *   rules: [
 *     { type: "host", user: "root", address: "all", method: "cert-password" },
 *     { type: "hostssl", user: "all", address: "10.0.0.0/8", method: "scram-sha-256" },
 *   ],
 * });
 * ```
 */
export class HbaConfig extends pulumi.CustomResource {
  declare readonly product: pulumi.Output<Product>;

  constructor(name: string, args: HbaConfigArgs, opts?: pulumi.CustomResourceOptions) {
    const given = sendable(`HbaConfig "${name}"`, args);
    const sent = {
      ...given,
      connection: secretInput(given.connection),
      // The text is recorded as `rules`, and would lose the mark of a secret there.
      secretRules: pulumi.isSecret(pulumi.output<unknown>(given.text ?? given.rules)),
      __provider: providerCode("hba"),
    };
    super(
      "pulumi-nodejs:dynamic/scram:HbaConfig",
      name,
      sent,
      pulumi.mergeOptions(
        { deleteBeforeReplace: true, ...opts },
        { additionalSecretOutputs: ["connection", "previous"] },
      ),
    );
    keepOutputs(this, sent, ["product"]);
  }
}
