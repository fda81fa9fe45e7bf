import * as pulumi from "@pulumi/pulumi";
import { AuthSettings, type AuthSettingsArgs } from "../resources/auth-settings";
import type { ConnectionArgs } from "../resources/connection";
import { HbaConfig, type HbaConfigArgs, type Rules } from "../resources/hba-config";
import { IsolationPhase } from "../resources/isolation-phase";
import { ScramUserSet, type ScramUserSetArgs } from "../resources/scram-user-set";
import type { UserArgs } from "../resources/user-args";

interface CommonArgs {
  /**
   * 1: every user gets a verifier that is made here. 2: the rules let users in by SCRAM or a certificate only. 3: every user gets
   * another password, which the server has never seen. One after the other, each with an `up` of its own; best from the stack's config.
   */
  readonly phase: 1 | 2 | 3;
  /** As of a ScramUserSet: a plain object. */
  readonly users: Readonly<Record<string, UserArgs>>;
  readonly defaults?: Omit<UserArgs, "password" | "verifier">;
  /** Users who may be locked out by the rules, as of an HbaConfig. */
  readonly allowLockout?: pulumi.Input<pulumi.Input<string>[]>;
  /** Skips a phase or goes back, and leaves users behind who have no SCRAM verifier; warnings say so. */
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
  /** Whether the server has never seen its password: it was made here, and deployed while no rule asked for it. */
  readonly isolated: boolean;
}

/** Kept so long that nobody goes back and forth between passwords that the server has seen. */
const HISTORY = 5;

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
 *   rules: [{ connection: "hostssl", user: "all", address: "all", method: "cert-scram-sha-256" }],
 * });
 * ```
 */
export class StrictIsolation extends pulumi.ComponentResource {
  /** The phase that is reached. */
  readonly phase: pulumi.Output<number>;
  /** By name. */
  readonly users: pulumi.Output<Record<string, IsolatedUser>>;

  constructor(name: string, args: StrictIsolationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("scram:index:StrictIsolation", name, {}, opts);
    const { product, phase, force } = args;
    const connection = args.connection === undefined ? {} : { connection: args.connection };
    const after = (...dependsOn: pulumi.Resource[]) => ({ parent: this, dependsOn });

    const settings = new AuthSettings(name, { ...settingsFor(args), ...connection }, { parent: this });
    const users = (...others: pulumi.Resource[]) =>
      new ScramUserSet(name, { ...usersFor(args), ...connection }, after(settings, ...others));
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

    const set = phase === 3 ? users(rules(gate())) : users();
    // In the first two phases the users come before all that could lock them out.
    const reached = phase === 3 ? undefined : gate(set);
    if (phase === 2 && reached !== undefined) rules(reached);
    this.phase = pulumi.output(set.users).apply(() => phase);
    this.users = pulumi
      .unsecret(set.users)
      .apply((all) =>
        Object.fromEntries(
          Object.entries(all ?? {}).map(([user, { generation }]) => [
            user,
            { generation, isolated: phase === 3 },
          ]),
        ),
      );
    this.registerOutputs({ phase: this.phase, users: this.users });
  }
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
    ? { product, ...all, defaultCostScramSha256: only }
    : { product, ...all, rehashScramStoredPasswordsOnCostChange: false };
}

/** Ready-made verifiers have a count of their own. */
function isHashedHere({ verifier }: UserArgs): boolean {
  return verifier === undefined;
}

/** `DEFAULT_ITERATIONS` of a ScramUser, and CockroachDB's own default cost. */
const DEFAULT_ITERATIONS = 10_610;

const KEY_BEFORE = "strict isolation, before phase 3";
const KEY_AFTER = "phase 3 of strict isolation: until phase 2 the server may have seen the password";

/** A password is due when phase 3 begins: to ScramUserSet, its rotationKey has changed. */
function usersFor({ phase, users = {}, defaults = {} }: StrictIsolationArgs): ScramUserSetArgs {
  const { rotationKey: _key, passwordHistory: _history, ...shared } = defaults;
  const dueBy = (own: pulumi.Input<string> | undefined): pulumi.Input<string> => {
    const key = phase === 3 ? KEY_AFTER : KEY_BEFORE;
    return own === undefined ? key : pulumi.output(own).apply((more) => `${key}; ${more}`);
  };
  const entries = Object.entries(users).map(([name, user]) => [
    name,
    {
      ...user,
      rotationKey: dueBy(user.rotationKey ?? defaults.rotationKey),
      passwordHistory: pulumi
        .output(user.passwordHistory ?? defaults.passwordHistory ?? 0)
        .apply((own) => Math.max(own, HISTORY)),
    },
  ]);
  return { users: Object.fromEntries(entries), defaults: shared };
}
