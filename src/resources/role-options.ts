import type * as pulumi from "@pulumi/pulumi";

/** Options that only PostgreSQL has. */
interface PostgresqlOptions {
  /**
   * PostgreSQL: whether the role has the privileges of the roles it is a member of without SET ROLE.
   * @default true
   */
  readonly inherit?: pulumi.Input<boolean | undefined>;
  /**
   * PostgreSQL: how many concurrent connections the role may have; -1 for no limit.
   * @default -1
   */
  readonly connectionLimit?: pulumi.Input<number | undefined>;
}

/** Options that only CockroachDB has. */
interface CockroachdbOptions {
  /**
   * CockroachDB: whether the role may manage the passwords of others.
   * @default false
   */
  readonly createLogin?: pulumi.Input<boolean | undefined>;
  /**
   * CockroachDB: whether the role may log in to SQL; if not, it can log in only to the DB Console.
   * @default true
   */
  readonly sqlLogin?: pulumi.Input<boolean | undefined>;
  /** CockroachDB. @default false */
  readonly controlJob?: pulumi.Input<boolean | undefined>;
  /** CockroachDB. @default false */
  readonly controlChangefeed?: pulumi.Input<boolean | undefined>;
  /** CockroachDB. @default false */
  readonly cancelQuery?: pulumi.Input<boolean | undefined>;
  /** CockroachDB. @default false */
  readonly viewActivity?: pulumi.Input<boolean | undefined>;
  /** CockroachDB. @default false */
  readonly viewActivityRedacted?: pulumi.Input<boolean | undefined>;
  /** CockroachDB. @default false */
  readonly viewClusterSetting?: pulumi.Input<boolean | undefined>;
  /** CockroachDB. @default false */
  readonly modifyClusterSetting?: pulumi.Input<boolean | undefined>;
}

type Without<T> = { readonly [K in keyof T]?: never };

/** The options of a role, its memberships and its settings: of PostgreSQL alone or of CockroachDB alone, never of both. */
export type RoleArgs = AnyRoleArgs &
  ((PostgresqlOptions & Without<CockroachdbOptions>) | (CockroachdbOptions & Without<PostgresqlOptions>));

/**
 * What roles of both products have. An option that is not declared has the value that CREATE ROLE gives
 * it, and is set back to that if somebody changes it. There is no option for SUPERUSER: a deployment should not create one.
 */
interface AnyRoleArgs {
  /**
   * When the password expires: an ISO 8601 date and time with a time zone.
   * @default never
   */
  readonly validUntil?: pulumi.Input<string | undefined>;
  /** @default false */
  readonly createDb?: pulumi.Input<boolean | undefined>;
  /** @default false */
  readonly createRole?: pulumi.Input<boolean | undefined>;
  /**
   * CockroachDB: since v23.2.
   * @default false
   */
  readonly replication?: pulumi.Input<boolean | undefined>;
  /**
   * Whether the role bypasses row-level security. CockroachDB: since v25.3.
   * @default false
   */
  readonly bypassRls?: pulumi.Input<boolean | undefined>;
  /**
   * The roles that the role is a direct member of: exactly these, by name, or with options.
   * @default memberships are left alone
   */
  readonly memberOf?: pulumi.Input<pulumi.Input<string | MembershipArgs>[] | undefined>;
  /**
   * Session defaults, by name (`ALTER ROLE … SET`, for all databases): exactly these.
   * @default settings are left alone
   */
  readonly settings?: pulumi.Input<Record<string, pulumi.Input<string | number | boolean>> | undefined>;
}

/** A membership with options (GRANT … WITH). */
export interface MembershipArgs {
  /** The role to be a member of. */
  readonly role: pulumi.Input<string>;
  /**
   * Whether the member may grant the membership on, and revoke it.
   * @default false
   */
  readonly admin?: pulumi.Input<boolean>;
  /**
   * PostgreSQL 16: whether the member has the role's privileges without SET ROLE.
   * @default as the role's own `inherit`
   */
  readonly inherit?: pulumi.Input<boolean>;
  /**
   * PostgreSQL 16: whether the member may SET ROLE to it.
   * @default true
   */
  readonly set?: pulumi.Input<boolean>;
}
