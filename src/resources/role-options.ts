import type * as pulumi from "@pulumi/pulumi";

/**
 * The options of a role, its memberships and its settings. An option that is not declared is as CREATE ROLE makes it, and is put
 * back when somebody changes it. There is none for SUPERUSER: a deployment should not make one.
 */
export interface RoleArgs {
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
  /** @default false */
  readonly createDb?: pulumi.Input<boolean>;
  /** @default false */
  readonly createRole?: pulumi.Input<boolean>;
  /**
   * CockroachDB: since v23.2.
   * @default false
   */
  readonly replication?: pulumi.Input<boolean>;
  /**
   * Whether row-level security does not apply. CockroachDB: since v25.3.
   * @default false
   */
  readonly bypassRls?: pulumi.Input<boolean>;
  /**
   * PostgreSQL: whether it has the privileges of the roles it is a member of without SET ROLE.
   * @default true
   */
  readonly inherit?: pulumi.Input<boolean>;
  /**
   * PostgreSQL: how many connections at once; -1 for any number.
   * @default -1
   */
  readonly connectionLimit?: pulumi.Input<number>;
  /**
   * CockroachDB: whether it may manage the passwords of others.
   * @default false
   */
  readonly createLogin?: pulumi.Input<boolean>;
  /**
   * CockroachDB: whether it may log in by SQL; without, only to the DB Console.
   * @default true
   */
  readonly sqlLogin?: pulumi.Input<boolean>;
  /** CockroachDB. @default false */
  readonly controlJob?: pulumi.Input<boolean>;
  /** CockroachDB. @default false */
  readonly controlChangefeed?: pulumi.Input<boolean>;
  /** CockroachDB. @default false */
  readonly cancelQuery?: pulumi.Input<boolean>;
  /** CockroachDB. @default false */
  readonly viewActivity?: pulumi.Input<boolean>;
  /** CockroachDB. @default false */
  readonly viewActivityRedacted?: pulumi.Input<boolean>;
  /** CockroachDB. @default false */
  readonly viewClusterSetting?: pulumi.Input<boolean>;
  /** CockroachDB. @default false */
  readonly modifyClusterSetting?: pulumi.Input<boolean>;
  /**
   * The roles it is a direct member of: exactly these.
   * @default memberships are left alone
   */
  readonly memberOf?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * What its sessions begin with, by name (`ALTER ROLE … SET`, in every database): exactly these.
   * @default they are left alone
   */
  readonly settings?: pulumi.Input<Record<string, pulumi.Input<string | number | boolean>>>;
}
