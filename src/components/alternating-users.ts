import * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "../resources/connection";
import { Rotation } from "../resources/rotation";
import { ScramUser } from "../resources/scram-user";
import type { UserDefaults } from "../resources/user-args";

export interface AlternatingUsersArgs {
  /** Any change of it is a rotation: a number, a month, a date. */
  readonly rotation: pulumi.Input<string | number>;
  /**
   * Makes the password of a login role; called once for each of the two. `turn` changes when it is that role's turn to get a new
   * password, and only then: give it to whatever makes the password, for instance as `keepers` of a `random.RandomPassword`.
   */
  readonly password: (username: string, turn: pulumi.Output<number>) => pulumi.Input<string>;
  /**
   * The names of the two login roles.
   * @default the component's name with `_a` and `_b`
   */
  readonly usernames?: readonly [string, string];
  /**
   * The role that owns what the application creates: both login roles are members of it and become it when they log in (`SET
   * role`), so that nothing has to be reassigned. Give the name of one that is there already, of which the administrator has ADMIN OPTION.
   * @default a role of the component's name, which cannot log in, is made
   */
  readonly owner?: pulumi.Input<string>;
  /**
   * Whether a session of a login role begins as the owner. CockroachDB refuses `role` among a role's settings: there say `false`,
   * and let the application itself begin with `SET ROLE`.
   * @default true
   */
  readonly setRole?: boolean;
  /**
   * When the password that was current before stops to be valid (`VALID UNTIL`): an ISO 8601 date and time with a zone.
   * @default it is valid until the next rotation
   */
  readonly retireAfter?: pulumi.Input<string>;
  /** Arguments of both login roles, as of a ScramUser; `memberOf` and `settings` are added to the component's own. */
  readonly user?: Less<UserDefaults, "saltSeed" | "validUntil" | "rotationKey" | "passwordless" | "login">;
  /** The administrator's connection to the database server, as of a ScramUser. */
  readonly connection?: pulumi.Input<string | ConnectionArgs>;
}

/** From JavaScript anything may come. */
function refuseMissingArguments(name: string, args: Partial<AlternatingUsersArgs> | undefined): void {
  for (const key of ["rotation", "password"] as const)
    if (args?.[key] === undefined) throw new pulumi.RunError(`AlternatingUsers "${name}": ${key} is missing`);
}

/** Omit of each member of a union: of the whole, it would leave only what all of them have. */
type Less<T, K extends string> = T extends unknown ? Omit<T, K> : never;

/** What an application logs in with. */
export interface Credentials {
  readonly username: pulumi.Output<string>;
  /** A secret. */
  readonly password: pulumi.Output<string>;
}

/**
 * Rotation without an outage: of two login roles, a rotation gives the idle one a new password and makes it the current one. The
 * other stays valid, so applications may take their time to read the new credentials: until the next rotation.
 *
 * @example
 * ```ts
 * const app = new AlternatingUsers("app", {
 *   rotation: "2026-11",
 *   password: (username, turn) => new random.RandomPassword(username, { length: 32, keepers: { turn: turn.apply(String) } }).result,
 * });
 * // For the application's secret store: app.current.username, app.current.password
 * ```
 */
export class AlternatingUsers extends pulumi.ComponentResource {
  /** For the application's secret store. Known when the server has them, so that a store never holds what does not work yet. */
  readonly current!: Credentials;
  /** The role that owns what the application creates. */
  readonly owner: pulumi.Output<string>;

  constructor(name: string, args: AlternatingUsersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("scram:index:AlternatingUsers", name, {}, opts);
    refuseMissingArguments(name, args);
    const { rotation, password, usernames = [`${name}_a`, `${name}_b`], retireAfter, user = {} } = args;
    const { setRole = true } = args;
    const connection = args.connection === undefined ? {} : { connection: args.connection };
    const parent = { parent: this };
    const { turn } = new Rotation(name, { rotation }, parent);
    const owner = pulumi.output(
      args.owner ?? new ScramUser(name, { login: false, ...connection }, parent).username,
    );

    const members = usernames.map((username, i) => {
      const isCurrent = turn.apply((count) => (count - 1) % 2 === i);
      const secret = pulumi.secret(
        password(
          username,
          pulumi.all([turn, isCurrent]).apply(([count, itsTurn]) => (itsTurn ? count : count - 1)),
        ),
      );
      const role = new ScramUser(
        username,
        {
          ...user,
          password: secret,
          memberOf: pulumi.all([owner, user.memberOf ?? []]).apply(([first, more = []]) => [first, ...more]),
          ...(setRole && {
            settings: pulumi.all([owner, user.settings ?? {}]).apply(([role, more]) => ({ ...more, role })),
          }),
          ...(retireAfter !== undefined && {
            validUntil: pulumi
              .all([isCurrent, retireAfter])
              .apply(([itsTurn, end]) => (itsTurn ? undefined : end)),
          }),
          ...connection,
        },
        parent,
      );
      return { username: role.username, password: secret };
    });

    // Whatever reads it waits for the server: `username` is known when the role is done.
    const done = pulumi.all(members.map((member) => member.username));
    const current = pulumi.all([turn, done]).apply(([count]) => members[(count - 1) % 2] as Credentials);
    // Not enumerable: whoever exports the component as a whole would record the password in the stack's outputs.
    Object.defineProperty(this, "current", {
      value: {
        username: current.apply((member) => member.username),
        password: pulumi.secret(current.apply((member) => member.password)),
      },
    });
    this.owner = owner;
    this.registerOutputs({ owner });
  }
}
