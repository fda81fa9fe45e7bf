import * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "./connection";
import { keepsPassword } from "./ignored-passwords";
import { keepOutputs } from "./outputs";
import { ownerName } from "./owner";
import { providerCode } from "./provider-code";
import { secretInput } from "./secret-input";
import { sendable } from "./sendable";
import type { UserArgs, UserDefaults } from "./user-args";

export interface ScramUserSetArgs {
  /** The users, by name. Give a plain object, not an Output, so that a preview can name the users that change. */
  readonly users: pulumi.Input<Record<string, pulumi.Input<UserArgs>>>;
  /** Arguments for all users; a user's own arguments override them. */
  readonly defaults?: pulumi.Input<UserDefaults>;
  /**
   * The administrator's connection to the database server.
   * @default the resource's `provider`; then SCRAM_DATABASE_URL, PGHOST, PGHOSTADDR or PGSERVICE; then the stack's `scram:connection`
   */
  readonly connection?: pulumi.Input<string | ConnectionArgs>;
}

/** What a program may know of a user in a set. */
export interface ScramUserSetEntry {
  /** How many passwords the user has had. */
  readonly generation: number;
  readonly iterations?: number;
  readonly login: boolean;
  /** In phase 3 of StrictIsolation: whether the server has never seen the password. */
  readonly isolated?: boolean;
}

/**
 * Many database users in one resource, with the rules of ScramUser. For hundreds of users: as separate resources, each would cost
 * the engine a checkpoint. If a user fails, the error names it, and the others are still deployed.
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
  /** By name. */
  declare readonly users: pulumi.Output<Record<string, ScramUserSetEntry>>;
  /** What the server stores, by name of the user; none without a password. A secret, because passwords can be guessed against it. */
  readonly verifiers: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: ScramUserSetArgs, opts?: pulumi.CustomResourceOptions) {
    // Unknown arguments are passed on, and so are missing ones: the provider refuses them with a proper message.
    const { users, defaults, connection, ...unknown }: Partial<ScramUserSetArgs> = sendable(
      `ScramUserSet "${name}"`,
      args,
    );
    const sent = {
      ...unknown,
      users: withSecrets(users, defaults, (user) => keepsPassword(opts, ["users", user, "password"])),
      defaults: secretInput(defaults),
      connection: secretInput(connection),
      owner: ownerName("UserSet", name, opts),
      __provider: providerCode("userSet"),
    };
    super(
      "pulumi-nodejs:dynamic/scram:UserSet",
      name,
      sent,
      // Two roles cannot have one name, also where the engine replaces by itself because the Provider has changed.
      pulumi.mergeOptions(
        { deleteBeforeReplace: true, ...opts },
        { additionalSecretOutputs: ["connection", "seen"] },
      ),
    );
    keepOutputs(this, sent, ["users"]);
    // Under a program's own `setMocks`, anything may come back.
    const recorded = (this.users as pulumi.Output<Record<string, Recorded>>).apply((users) =>
      Object.entries(users ?? {}).filter(([, user]) => isObject(user)),
    );
    // One secret in the map makes all of it one.
    this.users = pulumi
      .unsecret(recorded)
      .apply((users) => Object.fromEntries(users.map(([name, user]) => [name, visibleOf(user as Recorded)])));
    this.verifiers = pulumi
      .secret(recorded)
      .apply((users) =>
        Object.fromEntries(
          users.flatMap(([name, { verifier }]) => (verifier === undefined ? [] : [[name, verifier]])),
        ),
      );
  }
}

type Recorded = ScramUserSetEntry & { readonly verifier?: string };

function visibleOf({ generation, iterations, login, isolated }: ScramUserSetEntry): ScramUserSetEntry {
  return {
    generation,
    ...(iterations !== undefined && { iterations }),
    login,
    ...(isolated !== undefined && { isolated }),
  };
}

/**
 * Marks each secret by itself where possible; an Output of all the users is one secret. The defaults are merged into each user
 * already here, because the engine recognises a secret only in the place where the arguments have it.
 */
function withSecrets(users: unknown, defaults: unknown, ofUser: (name: string) => object): unknown {
  const added = (name: string, entry: unknown) =>
    isObject(entry) ? { ...ofUser(name), ...(entry as Entry) } : entry;
  if (isLater(users))
    return pulumi
      .secret(users as pulumi.Output<Entry>)
      .apply((all) => (isObject(all) ? mapped(all, added) : all));
  if (users === undefined || !isObject(users)) return secretInput(users);
  const { saltSeed, iterations, minLength, passwordless, ...forAll } = (
    isLater(defaults) ? {} : (defaults ?? {})
  ) as Entry;
  return mapped(users as Entry, (name, entry) =>
    isLater(entry) || isLater(defaults) || !isObject(entry)
      ? pulumi.secret(entry as pulumi.Output<Entry>).apply((known) => added(name, known))
      : { ...forAll, ...secretsMarked(added(name, entry) as Entry) },
  );
}

/** Arguments of a user, whatever they are: the provider judges them. */
type Entry = Readonly<Record<string, unknown>>;

function secretsMarked(entry: Entry): Entry {
  const secrets = ["password", "verifier", "saltSeed"].filter((key) => entry[key] !== undefined);
  return { ...entry, ...Object.fromEntries(secrets.map((key) => [key, pulumi.secret(entry[key])])) };
}

function mapped<T, R>(
  all: Readonly<Record<string, T>>,
  map: (name: string, value: T) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, map(name, value)]));
}

/** The provider refuses anything else. */
function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isLater(value: unknown): boolean {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}
