import { randomBytes, randomUUID } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Props } from "../../../src/provider/protocol/wire";
import { Deployment } from "../../../src/provider/user/ownership/deployment";
import { userProvider } from "../../../src/provider/user/user";
import { userSetProvider } from "../../../src/provider/user-set/user-set";
import { check, configured, deploy, inputsOf, unwrap, userProviderFor } from "../../support/engine-side";
import { forEachTarget } from "../../support/targets";

const drawSeed = () => randomBytes(32).toString("base64");
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
    const args = { username, password: "pw", onDelete, saltSeed: drawSeed() };
    const state = await deploy(provider, args);

    await provider.delete(username, state);

    const login = await target.login(username, "pw").catch(() => "refused");
    const exists = (await target.storedHash(username)) !== undefined;
    expect([login, exists]).toEqual(
      { drop: ["refused", false], disable: ["refused", true], retain: [username, true] }[onDelete],
    );
    // Declared again with the same seed, it is found to be what this resource has made.
    await deploy(provider, args);
    expect(await target.login(username, "pw")).toBe(username);
  });

  describe("a create that was carried out and never recorded, as after a kill", () => {
    it("with a saltSeed of one's own: the next up finds its role again, and says so", async () => {
      const username = name();
      const args = { username, password: "pw", createDb: true, saltSeed: drawSeed() };
      await deploy(userProviderFor(target.url), args);

      const state = await deploy(userProviderFor(target.url), args);

      expect(lines()).toMatch(/already exists on .*, with the very verifier that is declared/);
      expect(await target.storedHash(username)).toBe(state.verifier);
      const other = deploy(userProviderFor(target.url), { ...args, saltSeed: drawSeed() });
      await expect(other).rejects.toThrow(/it exists already/);
    });

    it("without one: an error that says how to go on, and `adopt` for one up", async () => {
      const username = name();
      const args = { username, password: "pw" };
      await deploy(userProviderFor(target.url), args);

      await expect(deploy(userProviderFor(target.url), args)).rejects.toThrow(
        /it exists already on .*`adopt: true`.*for one `up`, if an interrupted one made it/,
      );
      const provider = userProviderFor(target.url);
      const adopted = await deploy(provider, { ...args, adopt: true });
      const inputs = await check(provider, inputsOf(adopted), args);
      const state = unwrap((await provider.update(username, adopted, inputs)).outs);

      expect(await target.login(username, "pw")).toBe(username);
      await userProviderFor(target.url).delete(username, state);
      expect(await target.storedHash(username)).toBeUndefined();
    });

    it("a ready-made verifier, which may have been read from the role, proves nothing", async () => {
      const username = name();
      const { verifier } = await deploy(userProviderFor(target.url), { username, password: "pw" });
      const deployed = deploy(userProviderFor(target.url), { username, verifier: verifier ?? "" });
      await expect(deployed).rejects.toThrow(/it exists already/);
    });
  });

  describe("what one deployment moves", () => {
    const stays = (username: string, owner: string) =>
      new RegExp(`user "${username}" on .* stays in place: it is now managed by ${owner}`);
    /** A user by itself and a set, as one process serves them. */
    const oneProcess = () => {
      const seen = new Deployment();
      return {
        single: configured(userProvider(seen), target.url),
        set: configured(userSetProvider(seen), target.url),
      };
    };
    const alone = (username: string) => ({ username, password: "pw", owner: "o/p/s/User::app" });
    const together = (username: string): Props => ({
      users: { [username]: { password: "pw", adopt: true } },
      owner: "o/p/s/UserSet::apps",
    });

    it("a user moves into a set and back without being dropped", async () => {
      const username = name();
      const state = await deploy(oneProcess().single, alone(username));

      // Pulumi makes what is new before it deletes what is gone.
      const first = oneProcess();
      const inSet = await deploy(first.set, together(username));
      await first.single.delete(username, state);
      expect(lines()).toMatch(stays(username, "o/p/s/UserSet::apps"));
      expect(await target.login(username, "pw")).toBe(username);

      const second = oneProcess();
      const args = { ...alone(username), adopt: true, onDelete: "drop" };
      const back = await deploy(second.single, args);
      await second.set.delete("id", inSet);
      expect(await target.login(username, "pw")).toBe(username);

      await oneProcess().single.delete(username, back);
      expect(await target.storedHash(username)).toBeUndefined();
    });

    it("an up that moved a user and was interrupted: the next one does not drop what the set still declares", async () => {
      const username = name();
      const state = await deploy(oneProcess().single, alone(username));
      const inSet = await deploy(oneProcess().set, together(username));

      const { set, single } = oneProcess();
      await set.diff("id", inSet, await check(set, inSet, together(username)));
      await single.delete(username, state);

      expect(lines()).toMatch(stays(username, "o/p/s/UserSet::apps"));
      expect(await target.login(username, "pw")).toBe(username);
    });

    it("a take-over that failed keeps nothing from being deleted", async () => {
      const username = name();
      const state = await deploy(oneProcess().single, alone(username));

      const { set, single } = oneProcess();
      const refused = deploy(set, { ...together(username), users: { [username]: { password: "pw" } } });
      await expect(refused).rejects.toThrow(/it exists already/);
      await single.delete(username, state);

      expect(await target.storedHash(username)).toBeUndefined();
    });

    it("both deleted by one deployment, the role goes with the last", async () => {
      const username = name();
      const state = await deploy(oneProcess().single, alone(username));
      const inSet = await deploy(oneProcess().set, { ...together(username), defaults: { onDelete: "drop" } });

      const { set, single } = oneProcess();
      // A refresh asks for the differences of all that is in the state.
      await set.diff("id", inSet, inSet);
      await single.diff("id", state, state);
      await single.delete(username, state);
      await set.delete("id", inSet);

      expect(await target.storedHash(username)).toBeUndefined();
    });

    it.each([
      ["adopts", { adopt: true, onDelete: "drop" }],
      ["with the same saltSeed knows", { saltSeed: drawSeed() }],
    ])(
      "a replacement that makes the new before it deletes the old, and %s the role, keeps it",
      async (_how, more) => {
        const args = { ...alone(name()), ...more };
        const old = await deploy(oneProcess().single, args);

        const { single } = oneProcess();
        await single.diff("id", old, await check(single, inputsOf(old), args));
        const replacement = await deploy(single, args);
        await single.delete("id", old);
        expect(lines()).toMatch(stays(args.username, "o/p/s/User::app"));
        expect(await target.login(args.username, "pw")).toBe(args.username);

        await oneProcess().single.delete("id", replacement);
        expect(await target.storedHash(args.username)).toBeUndefined();
      },
    );

    it("a replacement that deletes the old before it makes the new drops the role", async () => {
      const args = alone(name());
      const old = await deploy(oneProcess().single, args);

      const { single } = oneProcess();
      await single.diff("id", old, await check(single, inputsOf(old), args));
      await single.delete("id", old);

      expect(await target.storedHash(args.username)).toBeUndefined();
      await deploy(single, args);
      expect(await target.login(args.username, "pw")).toBe(args.username);
    });

    it("a user that two resources of one program declare is refused in the preview", async () => {
      const username = name();
      const { set, single } = oneProcess();
      await check(single, {}, alone(username));
      await expect(check(set, {}, together(username))).rejects.toThrow(
        `users.${username}: username "${username}" is declared by o/p/s/User::app too, and a user belongs to one resource; remove one of the two`,
      );
      // A replaced resource is checked twice, at first with what is recorded: by the name of then, if it was renamed.
      const recorded = { ...alone(username), owner: "o/p/s/User::before" };
      await check(single, recorded, alone(username));
      await check(single, {}, alone(username));
      // On another server it is another user.
      await check(set, {}, { ...together(username), connection: "postgresql://elsewhere/postgres" });
    });
  });

  it("two stacks on one role: whoever deploys last sets the password, and a refresh shows it to the other", async () => {
    const args = { username: name(), owner: "first" };
    const first = await deploy(userProviderFor(target.url), { ...args, password: "1" });
    await deploy(userProviderFor(target.url), { ...args, password: "2", owner: "second", adopt: true });
    expect(lines()).toMatch(
      /another stack or Provider that still manages it would drop it when it is deleted there/,
    );

    const provider = userProviderFor(target.url);
    const { props, inputs } = await provider.read("id", first);
    expect(lines()).toMatch(/the password hash on .* is not the recorded one/);
    const repaired = await check(provider, unwrap(inputs), { ...args, password: "1" });
    await provider.update("id", unwrap(props), repaired);

    expect(await target.login(args.username, "1")).toBe(args.username);
  });

  it("an update that was carried out and never recorded makes nobody else its owner", async () => {
    const provider = userProviderFor(target.url);
    const args = { username: name(), password: "1", owner: "o/p/s/User::app" };
    const recorded = await deploy(provider, args);
    await provider.update("id", recorded, await check(provider, recorded, { ...args, password: "2" }));

    await userProviderFor(target.url).delete("id", recorded);

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
    const [username, newOwner] = [name(), name("new_owner")];
    const table = name("orders");
    await target.sql(`CREATE ROLE ${newOwner}`);
    const state = await deploy(provider, { username, password: "pw" });
    await target.sql(`CREATE TABLE ${table} (id int)`);
    await target.sql(`ALTER TABLE ${table} OWNER TO ${username}`);

    await expect(provider.delete(username, state)).rejects.toThrow(
      new RegExp(`could not drop role "${username}".*${table}.*reassignOwnedTo.*\\[2BP01\\]$`, "s"),
    );
    // A role that gave to itself would have all it owns destroyed: refused even if it got into a record.
    await expect(provider.delete(username, { ...state, reassignOwnedTo: username })).rejects.toThrow(
      /cannot be its own new owner/,
    );
    expect(await target.sql(`SELECT * FROM ${table}`)).toEqual([]);
    const declared = { ...state, reassignOwnedTo: newOwner };
    await provider.delete(username, declared);
    await provider.delete(username, declared);

    expect(await target.storedHash(username)).toBeUndefined();
    expect(
      await target.sql("SELECT tableowner::text FROM pg_catalog.pg_tables WHERE tablename = $1", [table]),
    ).toEqual([{ tableowner: newOwner }]);
  });

  it("a new owner that is not there is missed when the user is deployed, not only when it is deleted", async () => {
    const provider = userProviderFor(target.url);
    const [username, newOwner] = [name(), name("new_owner")];
    const args = { username, password: "pw", reassignOwnedTo: newOwner };
    const state = await deploy(provider, args);
    expect(lines()).toMatch(
      new RegExp(`user "${username}": its new owner "${newOwner}" .* does not exist on`),
    );

    await target.sql(`CREATE ROLE ${newOwner}`);
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
      const next = userProviderFor(target.url);
      await next.update(before, state, renamed);
      expect(await target.login(now, "pw")).toBe(now);

      expect((await next.read(before, outs)).id).toBe(before);
      await next.delete(before, outs);
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

    it("adopting a role with its own verifier does not say that it gets another password", async () => {
      const username = name();
      await target.sql(`CREATE ROLE ${username} LOGIN PASSWORD 'theirs'`);
      const verifier = await target.storedHash(username);
      await check(userProviderFor(target.url), {}, { username, verifier: verifier ?? null, adopt: true });
      expect(lines()).toContain("is taken over");
      expect(lines()).not.toContain("gets the declared password");
    });

    it("adopting a superuser says that it stays one", async () => {
      const username = name();
      await target.sql(`CREATE ROLE ${username} SUPERUSER LOGIN`);
      await check(userProviderFor(target.url), {}, { username, password: "pw", adopt: true });
      expect(lines()).toMatch(/stays a superuser, which nothing declared here changes;/);
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
    it("a new owner that is the role itself in another spelling is refused when it is declared", async () => {
      const username = name();
      const args = { username, password: "pw", reassignOwnedTo: username.toUpperCase() };
      await expect(deploy(userProviderFor(target.url), args)).rejects.toThrow(/cannot be its own new owner/);
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
