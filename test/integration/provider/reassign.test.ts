import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { deploy, userProviderFor } from "../../support/engine-side";
import { createAdmin, serverUrl, sql, storedHash } from "../../support/server";
import { serverHas } from "../../support/server-version";
import { query } from "../../support/targets";

/** What `reassignOwnedTo` does on PostgreSQL; what both products do stands in existing-user.test.ts. */
const name = (stem = "app") => `${stem}_${randomUUID().slice(0, 8)}`;

/** The URL of another database of the server. */
const urlOf = (database: string) => Object.assign(new URL(serverUrl()), { pathname: `/${database}` }).href;

const SELF_GRANT = (admin: string) => `ALTER ROLE ${admin} SET createrole_self_grant = 'set'`;

it.each<[string, (admin: string) => string]>([
  ...(serverHas("membershipOptions")
    ? ([["granted what it makes", SELF_GRANT]] as [string, typeof SELF_GRANT][])
    : []),
  ["CREATEROLE", (admin) => `ALTER ROLE ${admin} INHERIT`],
  ["NOINHERIT", (admin) => `ALTER ROLE ${admin} NOINHERIT`],
])(
  "an administrator that is %s, and no superuser, gives away, and may no more afterwards than before",
  async (_case, make) => {
    const { url, user } = await createAdmin("CREATEROLE");
    await sql(make(user));
    const provider = userProviderFor(url);
    const [username, heir, table] = [name(), name("heir"), name("orders")];
    const heirState = await deploy(provider, { username: heir, password: "pw" });
    const state = await deploy(provider, { username, password: "pw", reassignOwnedTo: heir });
    await sql(`CREATE TABLE ${table} (id int)`);
    await sql(`ALTER TABLE ${table} OWNER TO ${username}`);
    const may = () =>
      sql(
        `SELECT rolinherit, ARRAY(SELECT to_jsonb(m) - 'oid' FROM pg_auth_members m WHERE member = a.oid AND roleid = $2::regrole) AS grants
         FROM pg_roles a WHERE rolname = $1`,
        [user, heir],
      );
    const before = await may();

    await provider.delete(username, state);

    expect(await storedHash(username)).toBeUndefined();
    expect(await sql("SELECT tableowner FROM pg_tables WHERE tablename = $1", [table])).toEqual([
      { tableowner: heir },
    ]);
    expect(await may()).toEqual(before);
    await sql(`DROP TABLE ${table}`);
    await provider.delete(heir, heirState);
  },
);

it("what it owns in other databases is given away too", async () => {
  const provider = userProviderFor(serverUrl());
  const [username, heir, database] = [name(), name("heir"), name("db")];
  await sql(`CREATE ROLE ${heir}`);
  await sql(`CREATE DATABASE ${database}`);
  const state = await deploy(provider, { username, password: "pw", reassignOwnedTo: heir });
  await query(urlOf(database), `CREATE SCHEMA shop AUTHORIZATION ${username}`);
  await sql(`ALTER DATABASE ${database} OWNER TO ${username}`);

  await provider.delete(username, state);

  expect(await storedHash(username)).toBeUndefined();
  const owner = "SELECT nspowner::regrole::text AS owner FROM pg_namespace WHERE nspname = 'shop'";
  expect(await query(urlOf(database), owner)).toEqual([{ owner: heir }]);
});

it("a database that accepts no connections is named before anything is given away in another", async () => {
  const provider = userProviderFor(serverUrl());
  const [username, heir, open, closed] = [name(), name("heir"), name("a_db"), name("z_db")];
  await sql(`CREATE ROLE ${heir}`);
  const state = await deploy(provider, { username, password: "pw", reassignOwnedTo: heir });
  for (const database of [open, closed]) {
    await sql(`CREATE DATABASE ${database}`);
    await query(urlOf(database), "CREATE TABLE t ()");
    await query(urlOf(database), `GRANT SELECT ON t TO ${username}`);
  }
  await sql(`ALTER DATABASE ${closed} ALLOW_CONNECTIONS false`);

  await expect(provider.delete(username, state)).rejects.toThrow(
    new RegExp(
      `^role "${username}" owns or was granted something in database "${closed}", which accepts no connections`,
    ),
  );

  const may = `SELECT has_table_privilege('${username}', 't', 'SELECT') AS may`;
  expect(await query(urlOf(open), may)).toEqual([{ may: true }]);
  await sql(`ALTER DATABASE ${closed} ALLOW_CONNECTIONS true`);
  await provider.delete(username, state);
  expect(await storedHash(username)).toBeUndefined();
});
