import { createDatabase } from "./database";
import { type DoorOptions, listen } from "./listen";
import { PROFILES, type Version } from "./profile";
import { definitions } from "./settings/definitions";
import { storeSetting } from "./settings/settings";
import type { StandIn } from "./stand-in";

export interface StandInOptions extends DoorOptions {
  /** @default "v24.3" */
  readonly version?: Version;
  /** Facts 3.8: what a role statement costs outside a transaction, and once at the end of one. @default 0 */
  readonly roleStatementDelayMs?: number;
  /** Asked before every statement: whether it fails with `restart transaction`. */
  readonly failWith40001?: (statement: string) => boolean;
  /** Of `server.user_login.store_client_pre_hashed_passwords.enabled` (facts 2.4). @default true */
  readonly storePreHashed?: boolean;
}

export interface RunningStandIn {
  /** As `root`, with the password `root`. */
  readonly url: string;
  readonly port: number;
  /** All SQL received: `user: statement`, with the values of placeholders after it. */
  readonly statements: string[];
  stop(): Promise<void>;
}

const ROOT_PASSWORD = "root";

/**
 * Starts a stand-in for CockroachDB: a server that speaks its dialect of the protocol and of role, settings and login
 * statements, and leaves the rest to the PostgreSQL behind it. Built on what is known of the real one, for
 * tests; it is not CockroachDB. "Facts", here and in its tests, are sections of the project's notes on CockroachDB's source and
 * documents (facts/cockroachdb.md), which are not part of this repository.
 *
 * Not played: the insecure mode, unix sockets (`local` rules are checked and never match), virtual clusters, gss, ldap,
 * peer and JWT logins, schedules, `system.public.users` with three parts, and SQL that PostgreSQL has not.
 *
 * @param postgres its roles become the stand-in's users: two stand-ins at once on one server must not use the same names
 */
export async function startCockroachStandIn(
  postgres: { readonly url: string },
  options: StandInOptions = {},
): Promise<RunningStandIn> {
  const { version = "v24.3", roleStatementDelayMs = 0, failWith40001 = () => false } = options;
  const profile = PROFILES[version];
  const database = await createDatabase(postgres.url, profile, ROOT_PASSWORD);
  const preHashed = definitions(profile).find(({ name }) => name.includes("store_client_pre_hashed"));
  if (preHashed !== undefined && options.storePreHashed === false) {
    await storeSetting(database.sql, preHashed, "false");
  }
  const standIn: StandIn = { profile, database, statements: [], roleStatementDelayMs, failWith40001 };
  const door = await listen(standIn, options);
  return {
    // Without TLS it may ask for the password in clear, which is ours to see and nobody else's to hear.
    url: `postgresql://root:${ROOT_PASSWORD}@127.0.0.1:${door.port}/defaultdb?require_auth=password,scram-sha-256`,
    port: door.port,
    statements: standIn.statements,
    async stop() {
      await door.close();
      await database.drop();
    },
  };
}
