import * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "./connection";
import { ownerName } from "./owner";
import { secretInput } from "./secret-input";
import type { UserArgs } from "./user-args";

export interface ScramUserSetArgs {
  /** The users, by name. As a plain object, not as an Output, so that a preview can name those that change. */
  readonly users: pulumi.Input<Record<string, pulumi.Input<UserArgs>>>;
  /** Arguments for all of them; a user's own come first. */
  readonly defaults?: pulumi.Input<Omit<UserArgs, "password" | "verifier">>;
  /**
   * The database server, as its administrator.
   * @default the resource's `provider`; then SCRAM_DATABASE_URL or PGHOST; then the stack's `scram:connection`
   */
  readonly connection?: pulumi.Input<string | ConnectionArgs>;
}

/** What is recorded of a user of a set; its verifier is a secret. */
export interface ScramUserSetEntry {
  readonly verifier: string;
  readonly generation: number;
  readonly iterations: number;
  readonly login: boolean;
}

/**
 * Many database users in one resource, by the rules of ScramUser: for hundreds of users, each of which would cost the engine a
 * checkpoint. A user that fails is named, and keeps none of the others from being deployed.
 *
 * @example
 * ```ts
 * new ScramUserSet("apps", {
 *   defaults: { memberOf: ["apps"], minLength: 16 },
 *   users: { shop: { password: config.requireSecret("shop") }, blog: { password: config.requireSecret("blog") } },
 * });
 * ```
 */
export class ScramUserSet extends pulumi.CustomResource {
  /** By name. A secret as a whole, for it holds the verifiers. */
  declare readonly users: pulumi.Output<Record<string, ScramUserSetEntry>>;

  constructor(name: string, args: ScramUserSetArgs, opts?: pulumi.CustomResourceOptions) {
    // What is no argument goes along, and no arguments at all, for the provider to refuse in a sentence.
    const { users, defaults, connection, ...unknown }: Partial<ScramUserSetArgs> = args ?? {};
    super(
      "pulumi-nodejs:dynamic/scram:UserSet",
      name,
      {
        ...unknown,
        users: withSecrets(users, defaults),
        defaults: secretInput(defaults),
        connection: secretInput(connection),
        owner: ownerName("UserSet", name, opts),
        // Recorded with every set and run by the dynamic-provider process: constant, or each release would be a change.
        __provider: 'exports.handler=()=>require("pulumi-scram/provider").userSet;',
      },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["connection"] }),
    );
  }
}

/**
 * Each secret by itself where that can be told; an Output of all of them is one secret. The defaults go with each user already
 * here: the engine knows a secret again only where it stood in the arguments.
 */
function withSecrets(
  users: ScramUserSetArgs["users"] | undefined,
  defaults: ScramUserSetArgs["defaults"],
): pulumi.Input<Record<string, pulumi.Input<UserArgs>>> | undefined {
  if (users === undefined || isLater(users) || !isObject(users)) return secretInput(users);
  const { saltSeed, iterations, minLength, ...forAll } = (
    isLater(defaults) ? {} : (defaults ?? {})
  ) as UserArgs;
  const wrap = (entry: UserArgs): UserArgs => ({
    ...forAll,
    ...entry,
    ...(entry.password !== undefined && { password: pulumi.secret(entry.password) }),
    ...(entry.verifier !== undefined && { verifier: pulumi.secret(entry.verifier) }),
    ...(entry.saltSeed !== undefined && { saltSeed: pulumi.secret(entry.saltSeed) }),
  });
  return Object.fromEntries(
    Object.entries(users).map(([name, entry]) => [
      name,
      isLater(entry) || isLater(defaults) || !isObject(entry)
        ? pulumi.secret(entry as UserArgs)
        : wrap(entry as UserArgs),
    ]),
  );
}

/** What is none is for the provider to refuse. */
function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isLater(value: unknown): boolean {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}
