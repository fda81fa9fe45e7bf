import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
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
    const [username, newOwner, table] = [name(), name("new_owner"), name("orders")];
    const newOwnerState = await deploy(provider, { username: newOwner, password: "pw" });
    const state = await deploy(provider, { username, password: "pw", reassignOwnedTo: newOwner });
    await sql(`CREATE TABLE ${table} (id int)`);
    await sql(`ALTER TABLE ${table} OWNER TO ${username}`);
    const may = () =>
      sql(
        `SELECT rolinherit, ARRAY(SELECT to_jsonb(m) - 'oid' FROM pg_auth_members m WHERE member = a.oid AND roleid = $2::regrole) AS grants
         FROM pg_roles a WHERE rolname = $1`,
        [user, newOwner],
      );
    const before = await may();

    await provider.delete(username, state);

    expect(await storedHash(username)).toBeUndefined();
    expect(await sql("SELECT tableowner FROM pg_tables WHERE tablename = $1", [table])).toEqual([
      { tableowner: newOwner },
    ]);
    expect(await may()).toEqual(before);
    await sql(`DROP TABLE ${table}`);
    await provider.delete(newOwner, newOwnerState);
  },
);

it("what it owns in other databases is given away too", async () => {
  const provider = userProviderFor(serverUrl());
  const [username, newOwner, database] = [name(), name("new_owner"), name("db")];
  await sql(`CREATE ROLE ${newOwner}`);
  await sql(`CREATE DATABASE ${database}`);
  const state = await deploy(provider, { username, password: "pw", reassignOwnedTo: newOwner });
  await query(urlOf(database), `CREATE SCHEMA shop AUTHORIZATION ${username}`);
  await sql(`ALTER DATABASE ${database} OWNER TO ${username}`);

  await provider.delete(username, state);

  expect(await storedHash(username)).toBeUndefined();
  const owner = "SELECT nspowner::regrole::text AS owner FROM pg_namespace WHERE nspname = 'shop'";
  expect(await query(urlOf(database), owner)).toEqual([{ owner: newOwner }]);
});

it("a database that accepts no connections is named before anything is given away in another", async () => {
  const provider = userProviderFor(serverUrl());
  const [username, newOwner, open, closed] = [name(), name("new_owner"), name("a_db"), name("z_db")];
  await sql(`CREATE ROLE ${newOwner}`);
  const state = await deploy(provider, { username, password: "pw", reassignOwnedTo: newOwner });
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

describe("what the role has granted, and what others have granted to it", () => {
  const said = vi.spyOn(console, "error").mockImplementation(() => {});
  const lines = () => said.mock.calls.flat().join("\n");
  afterEach(() => said.mockClear());
  const leaver = async (provider = userProviderFor(serverUrl())) => {
    const [username, newOwner] = [name("leaver"), name("new_owner")] as [string, string];
    await sql(`CREATE ROLE ${newOwner}`);
    const state = await deploy(provider, { username, password: "pw", reassignOwnedTo: newOwner });
    return { username, drop: () => provider.delete(username, state), url: serverUrl(username, "pw") };
  };
  const membersOf = (group: string) =>
    sql(
      "SELECT member::regrole::text AS member, to_jsonb(m) - 'oid' - 'grantor' AS options FROM pg_auth_members m WHERE roleid = $1::regrole ORDER BY 1",
      [group],
    );

  it.runIf(serverHas("membershipOptions"))(
    "memberships that it granted stay, and those granted by them, which is told",
    async () => {
      const { username, drop, url } = await leaver();
      const [group, a, b] = [name("group"), name("a"), name("b")] as [string, string, string];
      for (const role of [group, b]) await sql(`CREATE ROLE ${role}`);
      await sql(`CREATE ROLE ${a} LOGIN PASSWORD 'pw'`);
      await sql(`GRANT ${group} TO ${username} WITH ADMIN OPTION`);
      await query(url, `GRANT ${group} TO ${a} WITH ADMIN OPTION, INHERIT FALSE`);
      await query(serverUrl(a, "pw"), `GRANT ${group} TO ${b} WITH SET FALSE`);
      const others = async () => (await membersOf(group)).filter(({ member }) => member !== username);
      const before = await others();

      await drop();

      expect(await storedHash(username)).toBeUndefined();
      expect(await others()).toEqual(before);
      expect(lines()).toMatch(new RegExp(`are granted again by the administrator: .*"${group}" to "${a}"`));
    },
  );

  it("privileges that somebody else granted on are named, with whoever granted them and what to run", async () => {
    const { username, drop } = await leaver();
    const [owner, database] = [name("owner"), name("db")] as [string, string];
    await sql(`CREATE ROLE ${owner} LOGIN PASSWORD 'pw'`);
    await sql(`CREATE DATABASE ${database}`);
    await sql(`GRANT CREATE, CONNECT ON DATABASE ${database} TO ${owner} WITH GRANT OPTION`);
    await query(serverUrl(owner, "pw"), `GRANT CREATE, CONNECT ON DATABASE ${database} TO ${username}`);

    const error = await drop().then(
      () => undefined,
      ({ message }: Error) => message,
    );

    expect(error).toContain(
      `it has privileges that others granted: CONNECT, CREATE on database ${database}, granted by "${owner}"`,
    );
    // What it says is what helps.
    const [statements = ""] = /SET ROLE .*RESET ROLE;/.exec(error ?? "") ?? [];
    await sql(statements);
    await drop();
    expect(await storedHash(username)).toBeUndefined();
  });

  it("those on a table and on its columns, too", async () => {
    const { username, drop } = await leaver();
    const [owner, table] = [name("owner"), name("t")] as [string, string];
    await sql(`CREATE ROLE ${owner} LOGIN PASSWORD 'pw'`);
    await sql(`CREATE TABLE ${table} (a int, "the b" int)`);
    await sql(`GRANT SELECT, INSERT, UPDATE ON ${table} TO ${owner} WITH GRANT OPTION`);
    const asOwner = serverUrl(owner, "pw");
    await query(asOwner, `GRANT SELECT, UPDATE ("the b"), INSERT (a) ON ${table} TO ${username}`);

    const error = await drop().then(
      () => undefined,
      ({ message }: Error) => message,
    );

    expect(error).toContain(
      `INSERT (a), SELECT, UPDATE ("the b") on table public.${table}, granted by "${owner}"`,
    );
    // Nothing of anybody else's goes with it unsaid.
    expect(error).not.toContain("CASCADE");
    const [statements = ""] = /SET ROLE .*RESET ROLE;/.exec(error ?? "") ?? [];
    await sql(statements);
    await drop();
    expect(await storedHash(username)).toBeUndefined();
    await sql(`DROP TABLE ${table}; DROP ROLE ${owner}`);
  });

  it("an administrator that may not connect to a database where something is left is told that", async () => {
    const admin = await createAdmin("CREATEROLE");
    const { username, drop } = await leaver(userProviderFor(admin.url));
    const database = name("db");
    await sql(`CREATE DATABASE ${database}`);
    await sql(`REVOKE CONNECT ON DATABASE ${database} FROM PUBLIC`);
    await sql(`GRANT CREATE ON DATABASE ${database} TO ${username}`);
    await query(urlOf(database), `CREATE TABLE t (); GRANT SELECT ON t TO ${username}`);

    await expect(drop()).rejects.toThrow(
      new RegExp(`in database "${database}" .*; "${admin.user}" needs CONNECT on that database`),
    );
  });
});
