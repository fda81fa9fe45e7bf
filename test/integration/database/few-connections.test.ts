import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { userSetProvider } from "../../../src/provider/user-set/user-set";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { check, configured, deploy, unwrap, userProviderFor } from "../../support/engine-side";
import { query } from "../../support/targets";

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
  return () => server.stop();
});

const name = (stem = "app") => `${stem}_${randomUUID().slice(0, 8)}`;

/** An administrator that the server lets have so many connections. */
async function limited(connections: number): Promise<string> {
  const admin = name("admin");
  await query(server.url, `CREATE ROLE ${admin} LOGIN SUPERUSER PASSWORD 'pw'`);
  // To a superuser, the limit does not apply.
  await query(server.url, `ALTER ROLE ${admin} NOSUPERUSER CREATEROLE CONNECTION LIMIT ${connections}`);
  return server.url.replace("postgres:postgres", `${admin}:pw`);
}

describe.each([1, 2, 3])("an administrator with CONNECTION LIMIT %i", (connections) => {
  it("deploys users side by side, refreshes by handshake, and drops what owns something in another database", async () => {
    const url = await limited(connections);
    const provider = userProviderFor(url);
    const [newOwner, database] = [name("new_owner"), name("db")];
    const args = Array.from({ length: 12 }, () => ({
      username: name(),
      password: "pw",
      reassignOwnedTo: newOwner,
    }));
    await deploy(provider, { username: newOwner, login: false });

    const states = await Promise.all(args.map((each) => deploy(provider, each)));
    await query(server.url, `CREATE DATABASE ${database}`);
    await query(
      server.url.replace(/\/postgres$/, `/${database}`),
      `GRANT CREATE ON SCHEMA public TO ${newOwner}; CREATE TABLE t (); ALTER TABLE t OWNER TO ${args[0]?.username}`,
    );
    const found = await Promise.all(states.map((state) => provider.read("id", state)));

    expect(found.map(({ props }) => unwrap(props))).toEqual(states);
    await Promise.all(states.map((state) => provider.delete("id", state)));
    expect(
      await query(server.url, `SELECT FROM pg_roles WHERE rolname = ANY ($1)`, [
        args.map(({ username }) => username),
      ]),
    ).toEqual([]);
    // One that was refused is not asked for again for each of the users.
    const refused = readFileSync(server.logFile, "utf8").split("too many connections for role").length - 1;
    expect(refused).toBeLessThan(30);
  });

  it("told so by connection_limit, it never asks for one too many", async () => {
    const url = await limited(connections);
    const provider = userProviderFor(`${url}?connection_limit=${connections}`);
    const states = await Promise.all(
      Array.from({ length: 12 }, () => deploy(provider, { username: name(), password: "pw" })),
    );
    await Promise.all(states.map((state) => provider.read("id", state)));
    await Promise.all(states.map((state) => provider.delete("id", state)));
    expect(readFileSync(server.logFile, "utf8")).not.toContain(
      `too many connections for role "${new URL(url).username}"`,
    );
  });

  it("deploys a set", async () => {
    const provider = configured(userSetProvider(), await limited(connections));
    const users = Object.fromEntries(Array.from({ length: 12 }, () => [name(), { password: "pw" }]));
    const state = await deploy(provider, { users });
    expect(Object.keys(state.users as object)).toHaveLength(12);
    await provider.delete("id", state);
  });
});

it("when none is left, the server's words and what helps", async () => {
  const url = await limited(0);
  await expect(
    check(userProviderFor(url), {}, { username: name(), password: "pw", createDb: true }),
  ).resolves.toBeDefined();
  await expect(deploy(userProviderFor(url), { username: name(), password: "pw" })).rejects.toThrow(
    /has no connection slot left for "admin_\w+": too many connections for role "admin_\w+"; .*CONNECTION LIMIT/,
  );
});

it.each([
  [
    "default_transaction_read_only = on",
    /could not create role .* it accepts no writes; .*default_transaction_read_only/,
  ],
  ["statement_timeout = '1ms'", /canceling statement due to statement timeout; see statement_timeout of/],
])("%s of the administrator: what helps", async (setting, sentence) => {
  const url = await limited(9);
  await query(server.url, `ALTER ROLE ${new URL(url).username} SET ${setting}`);
  await expect(deploy(userProviderFor(url), { username: name(), password: "pw" })).rejects.toThrow(sentence);
});

it("a statement_timeout of the administrator's is lifted as its message says", async () => {
  const url = await limited(9);
  await query(server.url, `ALTER ROLE ${new URL(url).username} SET statement_timeout = '1ms'`);
  const lifted = `${url}${url.includes("?") ? "&" : "?"}options=-c%20statement_timeout=0`;
  await expect(deploy(userProviderFor(lifted), { username: name(), password: "pw" })).resolves.toBeDefined();
});
