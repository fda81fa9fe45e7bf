import { randomUUID } from "node:crypto";
import { afterEach, expect, it, vi } from "vitest";
import { userSetProvider } from "../../../src/provider/user-set/user-set";
import type { Props } from "../../../src/provider/wire";
import { check, configured, deploy, unwrap, userProviderFor } from "../../support/engine-side";
import { forEachTarget } from "../../support/targets";

const name = (stem = "app") => `${stem}_${randomUUID().slice(0, 8)}`;

/** What the provider prints under the stack's diagnostics. */
const said = vi.spyOn(console, "error").mockImplementation(() => {});
const lines = () => said.mock.calls.flat().join("\n");
afterEach(() => said.mockClear());

forEachTarget((target) => {
  it("a role that exists is refused, with the ways out", async () => {
    const username = name();
    await target.sql(`CREATE ROLE ${username}`);

    const deployed = deploy(userProviderFor(target.url), { username, password: "pw" });

    await expect(deployed).rejects.toThrow(/it exists already on .*adopt: true.*\[42710\]$/);
  });

  it("adopted, it becomes what is declared; the preview says what changes; and it outlives its resource", async () => {
    const provider = userProviderFor(target.url);
    const [username, group] = [name(), name("group")];
    await target.sql(`CREATE ROLE ${group}`);
    await target.sql(`CREATE ROLE ${username} CREATEDB LOGIN PASSWORD 'theirs'`);
    const args = { username, password: "ours", adopt: true, memberOf: [group] };

    const inputs = await check(provider, {}, args);
    expect(lines()).toMatch(
      new RegExp(
        `user "${username}" is on .* already and is taken over: createDb becomes false, becomes a member of ${group}, gets the declared password`,
      ),
    );
    const state = unwrap((await provider.create(inputs)).outs);

    expect(await target.login(username, "ours")).toBe(username);
    await expect(target.login(username, "theirs")).rejects.toThrow(/password authentication failed/);
    said.mockClear();
    expect(await check(provider, state, args)).toEqual(inputs);
    expect(lines()).toBe("");
    await provider.delete(username, state);
    expect(await target.login(username, "ours")).toBe(username);
  });

  it("adopting the administrator of the connection is told", async () => {
    const { username } = new URL(target.url);
    await check(userProviderFor(target.url), {}, { username, password: "pw", adopt: true });
    expect(lines()).toMatch(/is the administrator of this very connection, which needs the new password/);
  });

  it("adopting one that is not there makes it", async () => {
    const username = name();
    await deploy(userProviderFor(target.url), { username, password: "pw", adopt: true });
    expect(await target.login(username, "pw")).toBe(username);
  });

  it.each(["drop", "disable", "retain"] as const)("onDelete: %s", async (onDelete) => {
    const provider = userProviderFor(target.url);
    const username = name();
    const args = { username, password: "pw", onDelete, owner: "o/p/s/User::app" };
    const state = await deploy(provider, args);

    await provider.delete(username, state);

    const login = await target.login(username, "pw").catch(() => "refused");
    const exists = (await target.storedHash(username)) !== undefined;
    expect([login, exists]).toEqual(
      { drop: ["refused", false], disable: ["refused", true], retain: [username, true] }[onDelete],
    );
    // Declared again by the same resource, it is found to be its own.
    await deploy(provider, args);
    expect(await target.login(username, "pw")).toBe(username);
  });

  it("a create that was carried out and never recorded finds its role again, and no other resource does", async () => {
    const provider = userProviderFor(target.url);
    const username = name();
    const args = { username, password: "pw", createDb: true, owner: "org/project/stack/User::app" };
    await deploy(provider, args);

    // As after a kill: nothing is recorded, so a new salt is drawn.
    const state = await deploy(provider, args);
    expect(lines()).toMatch(/already exists on .*, and this same resource has set its password before/);
    expect(await target.storedHash(username)).toBe(state.verifier);
    expect(await target.login(username, "pw")).toBe(username);

    const other = deploy(provider, { ...args, owner: "org/project/stack/User::other" });
    await expect(other).rejects.toThrow(/it exists already/);
  });

  it("a user moves into a set and back without being dropped, and each resource knows whose it is", async () => {
    const single = userProviderFor(target.url);
    const set = configured(userSetProvider(), target.url);
    const username = name();
    const alone = { username, password: "pw", owner: "o/p/s/User::app" };
    const state = await deploy(single, alone);
    const together: Props = {
      users: { [username]: { password: "pw", adopt: true } },
      owner: "o/p/s/UserSet::apps",
    };

    // Pulumi makes what is new before it deletes what is gone.
    const inSet = await deploy(set, together);
    await single.delete(username, state);
    expect(lines()).toMatch(
      new RegExp(`user "${username}" on .* belongs to another resource by now and is left in place`),
    );
    expect(await target.login(username, "pw")).toBe(username);

    const back = await deploy(single, { ...alone, adopt: true, onDelete: "drop" });
    await set.delete("id", inSet);
    expect(await target.login(username, "pw")).toBe(username);
    await single.delete(username, back);
    expect(await target.storedHash(username)).toBeUndefined();
  });

  it("two resources that want one role: the one that lost it says so instead of taking it back", async () => {
    const provider = userProviderFor(target.url);
    const username = name();
    const first = await deploy(provider, { username, password: "1", owner: "first" });
    await deploy(provider, { username, password: "2", owner: "second", adopt: true });

    const rotated = await check(provider, first, { username, password: "3" });
    await expect(provider.update(username, first, rotated)).rejects.toThrow(
      /has come to belong to another resource.*adopt: true/,
    );
    expect(await target.login(username, "2")).toBe(username);
  });

  it("a replacement that makes the new before it deletes the old leaves the role to the new", async () => {
    const provider = userProviderFor(target.url);
    const args = { username: name(), password: "pw", owner: "o/p/s/User::app" };
    const old = await deploy(provider, args);
    const replacement = await deploy(provider, args);

    await provider.delete("id", old);
    expect(lines()).toMatch(/belongs to another resource by now and is left in place/);
    expect(await target.login(args.username, "pw")).toBe(args.username);

    await provider.delete("id", replacement);
    expect(await target.storedHash(args.username)).toBeUndefined();
  });

  it("an update that was carried out and never recorded makes nobody else its owner", async () => {
    const provider = userProviderFor(target.url);
    const args = { username: name(), password: "1", owner: "o/p/s/User::app" };
    const recorded = await deploy(provider, args);
    await provider.update("id", recorded, await check(provider, recorded, { ...args, password: "2" }));

    await provider.delete("id", recorded);

    expect(await target.storedHash(args.username)).toBeUndefined();
  });

  it("a password changed by hand makes nobody else its owner: the role is dropped with its resource", async () => {
    const provider = userProviderFor(target.url);
    const username = name();
    const state = await deploy(provider, { username, password: "pw", owner: "us" });
    await target.sql(`ALTER ROLE ${username} PASSWORD 'by hand'`);

    await provider.delete(username, state);

    expect(await target.storedHash(username)).toBeUndefined();
  });

  it("an owner of objects: the error names them and the way out, which then gives them away", async () => {
    const provider = userProviderFor(target.url);
    const [username, heir] = [name(), name("heir")];
    const table = name("orders");
    await target.sql(`CREATE ROLE ${heir}`);
    const state = await deploy(provider, { username, password: "pw" });
    await target.sql(`CREATE TABLE ${table} (id int)`);
    await target.sql(`ALTER TABLE ${table} OWNER TO ${username}`);

    await expect(provider.delete(username, state)).rejects.toThrow(
      new RegExp(`could not drop role "${username}".*${table}.*reassignOwnedTo.*\\[2BP01\\]$`, "s"),
    );
    // A role that gave to itself would have all it owns destroyed: refused even if it got into a record.
    await expect(provider.delete(username, { ...state, reassignOwnedTo: username })).rejects.toThrow(
      /cannot be its own heir/,
    );
    expect(await target.sql(`SELECT * FROM ${table}`)).toEqual([]);
    const declared = { ...state, reassignOwnedTo: heir };
    await provider.delete(username, declared);
    await provider.delete(username, declared);

    expect(await target.storedHash(username)).toBeUndefined();
    expect(
      await target.sql("SELECT tableowner::text FROM pg_catalog.pg_tables WHERE tablename = $1", [table]),
    ).toEqual([{ tableowner: heir }]);
  });

  it("an heir that is not there is missed when the user is deployed, not only when it is deleted", async () => {
    const provider = userProviderFor(target.url);
    const [username, heir] = [name(), name("heir")];
    const args = { username, password: "pw", reassignOwnedTo: heir };
    const state = await deploy(provider, args);
    expect(lines()).toMatch(new RegExp(`user "${username}": its heir "${heir}" .* does not exist on`));

    await target.sql(`CREATE ROLE ${heir}`);
    said.mockClear();
    await provider.update(username, state, await check(provider, state, { ...args, createDb: true }));
    expect(lines()).toBe("");
  });

  if (target.product === "postgresql") {
    it("a rename happens in place: the role keeps what it owns and its password, also when the answer got lost", async () => {
      const provider = userProviderFor(target.url);
      const [before, now] = [name("before"), name("now")];
      const state = await deploy(provider, { username: before, password: "pw" });
      const renamed = await check(provider, state, { username: now, password: "pw", createDb: true });
      expect(renamed.generation).toBe(1);
      expect(await provider.diff(before, state, renamed)).toEqual({});

      const outs = unwrap((await provider.update(before, state, renamed)).outs);
      expect(outs.identity).toEqual(state.identity);
      expect(await target.login(now, "pw")).toBe(now);
      expect(await target.storedHash(before)).toBeUndefined();

      // As after a kill: the state still has the old name.
      await provider.update(before, state, renamed);
      expect(await target.login(now, "pw")).toBe(now);

      expect((await provider.read(before, outs)).id).toBe(before);
      await provider.delete(before, outs);
      expect(await target.storedHash(now)).toBeUndefined();
    });

    it("adopting a role takes no privilege that only making one like it would take", async () => {
      const [username, user] = [name(), name("admin")];
      await target.sql(`CREATE ROLE ${user} LOGIN CREATEROLE PASSWORD 'Adm1n-pw'`);
      const { href: url } = Object.assign(new URL(target.url), { username: user, password: "Adm1n-pw" });
      await target.sql(`CREATE ROLE ${username} LOGIN CREATEDB PASSWORD 'theirs'`);
      await target.sql(`GRANT ${username} TO ${user} WITH ADMIN OPTION`);

      await deploy(userProviderFor(url), { username, password: "pw", adopt: true, createDb: true });

      expect(await target.login(username, "pw")).toBe(username);
    });

    it.each(["ScramUser", "ScramUserSet"])(
      "%s: a role renamed by hand is found again, said at a refresh, and renamed back by the next up",
      async (kind) => {
        const provider =
          kind === "ScramUser" ? userProviderFor(target.url) : configured(userSetProvider(), target.url);
        const [username, other] = [name(), name("other")];
        const args =
          kind === "ScramUser" ? { username, password: "pw" } : { users: { [username]: { password: "pw" } } };
        const state = await deploy(provider, args);
        await target.sql(`ALTER ROLE ${username} RENAME TO ${other}`);

        const found = await provider.read(username, state);

        expect(lines()).toContain(`user "${username}" has been renamed to "${other}" on`);
        expect(JSON.stringify(found.inputs)).toContain(`"renamedTo":"${other}"`);
        // The recorded inputs differ from these, so that the engine updates.
        const inputs = await check(provider, unwrap(found.inputs), args);
        expect(JSON.stringify(inputs)).not.toContain("renamedTo");
        const outs = unwrap((await provider.update(username, unwrap(found.props), inputs)).outs);
        expect(await target.login(username, "pw")).toBe(username);
        expect(await target.storedHash(other)).toBeUndefined();
        expect(unwrap((await provider.read(username, outs)).inputs)).toEqual(inputs);

        // Renamed again, and deleted without a refresh: it is still the same role.
        await target.sql(`ALTER ROLE ${username} RENAME TO ${other}`);
        await provider.delete(username, outs);
        expect(await target.storedHash(other)).toBeUndefined();
      },
    );

    it("adopting a superuser says that it stays one", async () => {
      const username = name();
      await target.sql(`CREATE ROLE ${username} SUPERUSER LOGIN`);
      await check(userProviderFor(target.url), {}, { username, password: "pw", adopt: true });
      expect(lines()).toMatch(/stays a superuser, which nothing declared here changes$/);
    });

    it("a rename to a name that is taken says whose it would be", async () => {
      const provider = userProviderFor(target.url);
      const [username, taken] = [name(), name("taken")];
      await target.sql(`CREATE ROLE ${taken}`);
      const state = await deploy(provider, { username, password: "pw", adopt: true });

      const renamed = await check(provider, state, { username: taken, password: "pw", adopt: true });

      await expect(provider.update("id", state, renamed)).rejects.toThrow(
        new RegExp(
          `^could not rename role "${username}" to "${taken}": it exists already on .*; choose another username, or drop or rename the role that has it`,
        ),
      );
    });
  } else {
    it("an heir that is the role itself in another spelling is refused when it is declared", async () => {
      const username = name();
      const args = { username, password: "pw", reassignOwnedTo: username.toUpperCase() };
      await expect(deploy(userProviderFor(target.url), args)).rejects.toThrow(/cannot be its own heir/);
      expect(await target.storedHash(username)).toBeUndefined();
    });

    it("another name is another role", async () => {
      const provider = userProviderFor(target.url);
      const state = await deploy(provider, { username: name(), password: "pw" });
      const renamed = await check(provider, state, { username: name(), password: "pw" });
      expect(await provider.diff("id", state, renamed)).toEqual({ replaces: ["username"] });
    });
  }
});
