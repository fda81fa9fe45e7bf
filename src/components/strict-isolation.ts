import * as pulumi from "@pulumi/pulumi";
import { AuthSettings, type AuthSettingsArgs } from "../resources/auth-settings";
import type { ConnectionArgs } from "../resources/connection";
import { HbaConfig, type HbaConfigArgs, type Rules } from "../resources/hba-config";
import { IsolationPhase } from "../resources/isolation-phase";
import { ScramUserSet, type ScramUserSetArgs } from "../resources/scram-user-set";
import type { UserArgs, UserDefaults } from "../resources/user-args";
import { DEFAULT_ITERATIONS } from "../scram/iterations";

interface CommonArgs {
  /**
   * 1: every user gets a verifier that is made here. 2: the rules let users in by SCRAM or a certificate only. 3: every user gets
   * another password, which the server has never seen. One after the other, each with an `up` of its own; best from the stack's
   * config, and not an Output.
   */
  readonly phase: 1 | 2 | 3;
  /** As of a ScramUserSet: a plain object. */
  readonly users: Readonly<Record<string, UserArgs>>;
  readonly defaults?: UserDefaults;
  /** Users who may be locked out by the rules, as of an HbaConfig. */
  readonly allowLockout?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Skips a phase, goes back (with the passwords that users have) or goes on on another server, and leaves users behind who have
   * no SCRAM verifier; warnings say so.
   */
  readonly force?: boolean;
  /** The administrator's connection to the database server: a superuser of PostgreSQL, an admin of CockroachDB. */
  readonly connection?: pulumi.Input<string | ConnectionArgs>;
}

/** The rules of phase 2 and 3, as of an HbaConfig; in phase 1 they are only looked at. */
export type StrictIsolationArgs = CommonArgs &
  (
    | ({ readonly product: "cockroachdb" } & Rules<"cockroachdb">)
    | ({ readonly product: "postgresql" } & Rules<"postgresql">)
  );

/** How far a user is. */
export interface IsolatedUser {
  /** How many passwords it has had. */
  readonly generation: number;
  /**
   * Whether the server has never seen its password, if it has one: it became a verifier here, while no rule asked for it in clear,
   * and is none of those that the users had before. Not so for a ready-made verifier, and wherever else that cannot be told.
   */
  readonly isolated: boolean;
}

/**
 * Takes a server to where it never sees a password: "strict isolation of plaintext credentials" in CockroachDB's documentation, and
 * the same for PostgreSQL (md5 to SCRAM). The order within each phase, that no phase is skipped, and that the passwords of phase 3 are
 * others than those before, is seen to here.
 *
 * @example
 * ```ts
 * new StrictIsolation("main", {
 *   product: "cockroachdb",
 *   phase: config.requireNumber("phase") as 1 | 2 | 3,
 *   users: { shop: { password: config.requireSecret("shop") } },
 *   rules: [{ type: "hostssl", user: "all", address: "all", method: "cert-scram-sha-256" }],
 * });
 * ```
 */
export class StrictIsolation extends pulumi.ComponentResource {
  /** The phase that is reached, once all of it is done. */
  readonly phase: pulumi.Output<number>;
  /** By name. */
  readonly users: pulumi.Output<Record<string, IsolatedUser>>;

  constructor(name: string, args: StrictIsolationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("scram:index:StrictIsolation", name, {}, opts);
    refuseLateArguments(name, args);
    const { product, phase, force } = args;
    const connection = args.connection === undefined ? {} : { connection: args.connection };
    const after = (...dependsOn: pulumi.Resource[]) => ({ parent: this, dependsOn });

    const settings = new AuthSettings(name, { ...settingsFor(args), ...connection }, { parent: this });
    const users = (...others: pulumi.Resource[]) =>
      new ScramUserSet(name, { ...usersOf(args), ...connection }, after(settings, ...others));
    const gate = (...others: pulumi.Resource[]) =>
      new IsolationPhase(
        name,
        {
          product,
          phase,
          users: Object.keys(args.users ?? {}),
          ...rulesOf(args),
          ...(force !== undefined && { force }),
          ...connection,
        },
        after(settings, ...others),
      );
    const rules = (...others: pulumi.Resource[]) =>
      new HbaConfig(
        name,
        {
          product,
          ...rulesOf(args),
          ...(args.allowLockout !== undefined && { allowLockout: args.allowLockout }),
          // Whoever is left behind is locked out.
          ...(force && { guard: "warn" }),
          ...connection,
        } as HbaConfigArgs,
        after(...others),
      );

    // In the first two phases the users come before all that could lock them out.
    const [set, ...others] = inPhaseOrder(phase, users, gate, rules);
    // A URN is known once all is done, and is no secret.
    const urns = [settings, set, ...others].map(({ urn }) => urn);
    this.phase = pulumi.all(urns).apply(() => phase);
    this.users = set.users.apply((all) =>
      Object.fromEntries(
        Object.entries(all).map(([user, { generation, isolated }]) => [
          user,
          { generation, isolated: isolated === true },
        ]),
      ),
    );
    this.registerOutputs({ phase: this.phase, users: this.users });
  }
}

type Made<R extends pulumi.Resource> = (...others: pulumi.Resource[]) => R;

function inPhaseOrder(
  phase: StrictIsolationArgs["phase"],
  users: Made<ScramUserSet>,
  gate: Made<IsolationPhase>,
  rules: Made<HbaConfig>,
): [ScramUserSet, ...pulumi.Resource[]] {
  if (phase === 3) {
    const reached = gate();
    const written = rules(reached);
    return [users(written), reached, written];
  }
  const set = users();
  const reached = gate(set);
  return phase === 2 ? [set, reached, rules(reached)] : [set, reached];
}

/** Which resources there are, and in what order, must be known when the program runs. From JavaScript anything may come. */
function refuseLateArguments(name: string, args: StrictIsolationArgs): void {
  const { phase, users } = args ?? {};
  const refuse = (what: string): never => {
    throw new pulumi.RunError(`StrictIsolation "${name}": ${what}`);
  };
  if (![1, 2, 3].includes(phase))
    refuse("phase must be the number 1, 2 or 3, and neither an Output nor a text; take it from the config");
  if (pulumi.Output.isInstance(users) || (users as unknown) instanceof Promise)
    refuse("users must be a plain object, and not an Output; the values in it may be Outputs");
}

function rulesOf({ rules, text }: StrictIsolationArgs): { rules?: unknown; text?: pulumi.Input<string> } {
  return { ...(rules !== undefined && { rules }), ...(text !== undefined && { text }) };
}

/** So that no login makes the server ask for the password in clear, as CockroachDB does where its cost is not the verifier's. */
function settingsFor({ product, users = {}, defaults = {} }: StrictIsolationArgs): AuthSettingsArgs {
  if (product === "postgresql") return { product, passwordEncryption: "scram-sha-256" };
  const all = { passwordEncryption: "scram-sha-256", storeClientPreHashedPasswords: true } as const;
  const iterations = new Set(
    Object.values(users).map((user) => user.iterations ?? defaults.iterations ?? DEFAULT_ITERATIONS),
  );
  const [only] = iterations;
  return iterations.size === 1 && only !== undefined && Object.values(users).every(isHashedHere)
    ? { product, ...all, defaultCostScramSha256: knownCount(only) }
    : { product, ...all, rehashScramStoredPasswordsOnCostChange: false };
}

function knownCount(iterations: NonNullable<UserArgs["iterations"]>): pulumi.Input<number> {
  if (typeof iterations === "number") return iterations;
  return pulumi.output(iterations).apply((count) => count ?? DEFAULT_ITERATIONS);
}

/** Ready-made verifiers have a count of their own. */
function isHashedHere({ verifier }: UserArgs): boolean {
  return verifier === undefined;
}

/** Which passwords may not come again in phase 3 the set finds out by itself. */
function usersOf({ phase, users, defaults }: StrictIsolationArgs): ScramUserSetArgs & { isolated: boolean } {
  return { users, ...(defaults !== undefined && { defaults }), isolated: phase === 3 };
}
