import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { openDatabase } from "../../../src/database/open";
import type { Props } from "../../../src/provider/protocol/wire";
import { check, deploy, inputsOf, unwrap, userProviderFor } from "../../support/engine-side";
import { createAdmin, serverUrl, sql } from "../../support/server";
import { serverHas } from "../../support/server-version";
import { forEachTarget, type Target } from "../../support/targets";

/** Names of this test alone, in the spelling of both products. */
const unique = (stem: string) => `${stem}_${randomUUID().slice(0, 8)}`;

/** What the server says of a role, in the names of our arguments. */
async function roleOf(target: Target, name: string): Promise<Props> {
  const provider = userProviderFor(target.url);
  const everything = { username: name, memberOf: [], settings: {}, driftCheck: "off" };
  const { props } = await provider.read(name, everything);
  return unwrap(props);
}

forEachTarget((target) => {
  it("options, memberships and settings: made, unchanged, changed in place, and given up", async () => {
    const provider = userProviderFor(target.url);
    const [readers, writers] = [unique("readers"), unique("writers")];
    for (const group of [readers, writers]) await target.sql(`CREATE ROLE ${group}`);
    const username = unique("app");
    const args = {
      username,
      password: "pw",
      createDb: true,
      createRole: true,
      memberOf: [writers, readers],
      settings: { statement_timeout: "5s", search_path: '"$user", public' },
    };

    // Made
    let state = await deploy(provider, args);
    expect(await roleOf(target, username)).toMatchObject({
      createDb: true,
      createRole: true,
      memberOf: [readers, writers],
      settings: { statement_timeout: "5s", search_path: expect.stringMatching(/^"\$user", "?public"?$/) },
    });

    // Unchanged
    expect(await check(provider, state, args)).toEqual(inputsOf(state));
    const { inputs } = await provider.read(username, state);
    expect(unwrap(inputs)).toEqual(inputsOf(state));

    // Changed in place
    const changed = await check(provider, state, {
      ...args,
      createDb: false,
      memberOf: [readers],
      settings: { statement_timeout: "7s" },
    });
    expect(await provider.diff(username, state, changed)).not.toHaveProperty("replaces");
    state = unwrap((await provider.update(username, state, changed)).outs);
    let role = await roleOf(target, username);
    expect(role).toMatchObject({
      createRole: true,
      memberOf: [readers],
      settings: { statement_timeout: "7s" },
    });
    expect(role).not.toHaveProperty("createDb", true);
    expect(role.settings).not.toHaveProperty("search_path");

    // No more declared
    const bare = await check(provider, state, { username, password: "pw" });
    await provider.update(username, state, bare);
    role = await roleOf(target, username);
    expect(role).not.toHaveProperty("createRole", true);
    expect(role).toMatchObject({ memberOf: [], settings: {} });
    expect(await target.login(username, "pw")).toBe(username);
  });

  it("settings may be numbers and flags; a refresh finds them as they were declared", async () => {
    const provider = userProviderFor(target.url);
    const args = {
      username: unique("app"),
      password: "pw",
      settings: { lock_timeout: 700, row_security: false },
    };
    const state = await deploy(provider, args);

    const found = unwrap((await provider.read("id", state)).inputs);

    expect(found).toEqual(inputsOf(state));
    expect(await check(provider, found, args)).toEqual(found);
  });

  it("what was never declared is left alone where others may have set it, and put back where only we do", async () => {
    const provider = userProviderFor(target.url);
    const [username, group] = [unique("app"), unique("group")];
    await target.sql(`CREATE ROLE ${group}`);
    const state = await deploy(provider, { username, password: "pw" });
    await target.sql(`GRANT ${group} TO ${username}`);
    await target.sql(`ALTER ROLE ${username} SET statement_timeout = '3s'`);
    await target.sql(`ALTER ROLE ${username} CREATEDB`);

    const found = unwrap((await provider.read(username, state)).inputs);
    expect(found).toEqual({ ...inputsOf(state), createDb: true });
    await provider.update(username, found, await check(provider, found, { username, password: "pw" }));

    const role = await roleOf(target, username);
    expect(role).toMatchObject({ memberOf: [group], settings: { statement_timeout: "3s" } });
    expect(role).not.toHaveProperty("createDb");
  });

  it("a refresh finds what was changed by hand, and the next up puts it right", async () => {
    const provider = userProviderFor(target.url);
    const [username, group, other] = [unique("app"), unique("group"), unique("other")];
    for (const role of [group, other]) await target.sql(`CREATE ROLE ${role}`);
    const args = {
      username,
      password: "pw",
      createDb: true,
      memberOf: [group],
      settings: { search_path: "app" },
    };
    const state = await deploy(provider, args);
    await target.sql(`ALTER ROLE ${username} NOCREATEDB`);
    await target.sql(`REVOKE ${group} FROM ${username}`);
    await target.sql(`GRANT ${other} TO ${username}`);
    await target.sql(`ALTER ROLE ${username} SET search_path = 'elsewhere'`);

    const found = unwrap((await provider.read(username, state)).props);
    expect(found).toEqual({
      ...state,
      createDb: false,
      memberOf: [other],
      settings: { search_path: "elsewhere" },
    });

    const declared = await check(provider, found, args);
    expect(declared).toEqual(inputsOf(state));
    await provider.update(username, found, declared);
    expect(unwrap((await provider.read(username, state)).props)).toEqual(state);
  });

  it("an expiry of infinity, whoever has it, is none", async () => {
    const provider = userProviderFor(target.url);
    const [username, stranger] = [unique("app"), unique("stranger")];
    await target.sql(`CREATE ROLE ${stranger} VALID UNTIL 'infinity'`);
    // On CockroachDB the rules and all their users are looked at after each password.
    const state = await deploy(provider, { username, password: "pw", iterations: 4096 });
    await target.sql(`ALTER ROLE ${username} VALID UNTIL 'infinity'`);

    expect(unwrap((await provider.read(username, state)).inputs)).toEqual(inputsOf(state));
  });

  it("an option of the other product is refused before anything is applied", async () => {
    const [option, value, product] =
      target.product === "postgresql"
        ? (["viewActivity", true, "PostgreSQL"] as const)
        : (["connectionLimit", 3, "CockroachDB"] as const);

    const checked = check(
      userProviderFor(target.url),
      {},
      { username: unique("app"), password: "pw", [option]: value },
    );

    await expect(checked).rejects.toThrow(
      new RegExp(
        `^: ${option} is an option of .*, and the server is ${product}, whose roles do not have it$`,
      ),
    );
  });

  if (target.product === "postgresql") {
    it("a membership granted twice is one, and is given up whoever granted it; settings of one database are not ours", async () => {
      const provider = userProviderFor(target.url);
      const [username, group, grantor] = [unique("app"), unique("group"), unique("grantor")];
      await target.sql(`CREATE ROLE ${group}`);
      await target.sql(`CREATE ROLE ${grantor}`);
      await target.sql(`GRANT ${group} TO ${grantor} WITH ADMIN OPTION`);
      const args = { username, password: "pw", memberOf: [group], settings: { statement_timeout: "5s" } };
      const state = await deploy(provider, args);
      await target.sql(`GRANT ${group} TO ${username} GRANTED BY ${grantor}`);
      await target.sql(`ALTER ROLE ${username} IN DATABASE postgres SET work_mem = '8MB'`);

      expect(unwrap((await provider.read("id", state)).inputs)).toEqual(inputsOf(state));
      await provider.update("id", state, await check(provider, state, { ...args, memberOf: [] }));
      expect((await roleOf(target, username)).memberOf).toEqual([]);
    });
  } else {
    it("options that CREATE ROLE sets by itself can be taken away, and are found so", async () => {
      const provider = userProviderFor(target.url);
      const args = { username: unique("app"), password: "pw", sqlLogin: false, viewActivity: true };
      const state = await deploy(provider, args);
      expect(unwrap((await provider.read("id", state)).inputs)).toEqual(inputsOf(state));

      await target.sql(`ALTER ROLE ${args.username} SQLLOGIN NOVIEWACTIVITY`);
      const found = unwrap((await provider.read("id", state)).inputs);
      expect(found).toEqual({ ...inputsOf(state), sqlLogin: true, viewActivity: false });
    });
  }

  it("a group that does not exist is named, and the role is not made", async () => {
    const username = unique("app");
    const provider = userProviderFor(target.url);

    const deployed = deploy(provider, { username, password: "pw", memberOf: ["no_such_group"] });

    await expect(deployed).rejects.toThrow(
      /could not create role "app_\w+" on .*no_such_group.* does not exist/,
    );
    expect(await target.storedHash(username)).toBeUndefined();
  });
});

it.runIf(!serverHas("limitedCreateRole")).each(["replication", "bypassRls"])(
  "before PostgreSQL 16, an administrator with CREATEROLE is told who may give %s",
  async (option) => {
    const { url } = await createAdmin("CREATEROLE");
    const args = { username: unique("app"), password: "pw", [option]: true };
    await expect(deploy(userProviderFor(url), args)).rejects.toThrow(
      `only a superuser may give or take ${option.toUpperCase()} before PostgreSQL 16`,
    );
  },
);

it.runIf(!serverHas("limitedCreateRole")).each([
  ["", true],
  ["SUPERUSER", false],
  ["REPLICATION", false],
])("before PostgreSQL 16, whoever has CREATEROLE may alter a role that is %s: %s", async (options, may) => {
  const other = await createAdmin("CREATEROLE");
  const username = unique("app");
  await sql(`CREATE ROLE ${username} LOGIN ${options}`);
  const database = await openDatabase(serverUrl());
  expect((await database.administratorsOf(username)).includes(other.user)).toBe(may);
});
