import { randomUUID } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { PartialFailure, type Props } from "../../../src/provider/protocol/wire";
import { userSetProvider } from "../../../src/provider/user-set/user-set";
import { check, configured, deploy, unwrap } from "../../support/engine-side";
import { forEachTarget, type Target } from "../../support/targets";

/** Names of one test alone. */
const names = (...stems: string[]) => {
  const suffix = randomUUID().slice(0, 8);
  return stems.map((stem) => `${stem}_${suffix}`) as [string, string, string];
};

type Users = Record<string, Record<string, unknown>>;
const usersOf = (props: Props) => props.users as unknown as Users;
const providerFor = (target: Target) => configured(userSetProvider(), target.url);

forEachTarget((target) => {
  it("the set's day: made, unchanged, one rotated, one added, one removed, gone", async () => {
    const provider = providerFor(target);
    const [a, b, c] = names("a", "b", "c");
    const args = { users: { [a]: { password: "pw-a" }, [b]: { password: "pw-b", login: true } } };

    let state = await deploy(provider, args);
    expect(await target.login(a, "pw-a")).toBe(a);
    expect(await target.login(b, "pw-b")).toBe(b);

    const unchanged = await check(provider, state, args);
    const { id: _, ...found } = await provider.read("id", state);
    expect(unwrap(found.inputs)).toEqual(unchanged);

    // Only those that differ from what is recorded are touched: what a preview did not show is not done.
    await target.sql(`ALTER ROLE ${b} CREATEDB`);
    const one = await check(provider, state, { users: { ...args.users, [a]: { password: "pw-1" } } });
    state = unwrap((await provider.update("id", state, one)).outs);
    const hasCreateDb = "SELECT rolcreatedb AS has FROM pg_catalog.pg_roles WHERE rolname = $1";
    expect(await target.sql(hasCreateDb, [b])).toEqual([{ has: true }]);

    const news = { users: { [a]: { password: "pw-2" }, [c]: { password: "pw-c" } } };
    const changed = await check(provider, state, news);
    expect(usersOf(changed)[a]).toMatchObject({ generation: 3 });
    state = unwrap((await provider.update("id", state, changed)).outs);
    expect(Object.keys(usersOf(state)).sort()).toEqual([a, c]);
    expect(await target.login(a, "pw-2")).toBe(a);
    expect(await target.login(c, "pw-c")).toBe(c);
    expect(await target.storedHash(b)).toBeUndefined();

    await provider.delete("id", state);
    await provider.delete("id", state);
    expect(await target.storedHash(a)).toBeUndefined();
    expect(await target.storedHash(c)).toBeUndefined();
  });

  it("defaults are for all; a user's own arguments come first, and a ready-made verifier takes no password rules", async () => {
    const provider = providerFor(target);
    const [a, b] = names("a", "b");
    const made = await deploy(provider, { users: { [a]: { password: "long-enough" } } });
    const { verifier } = usersOf(made)[a] as { verifier: string };

    const inputs = await check(
      provider,
      {},
      {
        defaults: { createDb: true, minLength: 8, iterations: 5000 },
        users: { [a]: { password: "long-enough", createDb: false }, [b]: { verifier } },
      },
    );

    expect(usersOf(inputs)).toMatchObject({
      [a]: { createDb: false, iterations: 5000 },
      [b]: { createDb: true, iterations: 10610, verifier },
    });
  });

  it("one that fails is named; the others are there, the state says so, and the next up repairs it", async () => {
    const provider = providerFor(target);
    const [a, b, taken] = names("a", "b", "taken");
    await target.sql(`CREATE ROLE ${taken}`);
    const args = { users: { [a]: { password: "pw" }, [taken]: { password: "pw" }, [b]: { password: "pw" } } };
    const inputs = await check(provider, {}, args);

    const failure = await provider.create({ ...inputs, __provider: "code" }).catch((e: unknown) => e);

    expect(failure).toBeInstanceOf(PartialFailure);
    const { properties, reasons, id } = failure as PartialFailure;
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(
      new RegExp(`^user "${taken}": could not create role "${taken}".*exists already`),
    );
    expect(properties.__provider).toBe("code");
    const recorded = unwrap(properties);
    expect(Object.keys(usersOf(recorded)).sort()).toEqual([a, b]);
    expect(await target.login(a, "pw")).toBe(a);

    // As the engine does after a partial create: with the inputs that were checked, and an update whatever happens.
    await target.sql(`DROP ROLE ${taken}`);
    const again = await check(provider, inputs, args);
    const { outs } = await provider.update(id, recorded, again);
    expect(Object.keys(usersOf(unwrap(outs))).sort()).toEqual([a, b, taken].sort());
    expect(await target.login(taken, "pw")).toBe(taken);
  });

  it("a name that the server reserves: it alone is named, the others are there, and without it the next up is whole", async () => {
    const provider = providerFor(target);
    const [a, b] = names("a", "b");
    // CockroachDB's own is refused when it is applied; PostgreSQL's, which the preview knows, is put past it here.
    const reserved = target.product === "cockroachdb" ? "node" : `pg_${a}`;
    const args = {
      users: { [a]: { password: "pw" }, stand_in: { password: "pw" }, [b]: { password: "pw" } },
    };
    const { users: checked, ...rest } = await check(provider, {}, args);
    const { stand_in, ...users } = checked as Props;
    const inputs = { ...rest, users: { ...users, [reserved]: stand_in as Props } };

    const failure = (await provider
      .create({ ...inputs, __provider: "code" })
      .catch((e: unknown) => e)) as PartialFailure;

    expect(failure.reasons).toHaveLength(1);
    expect(failure.reasons[0]).toMatch(
      new RegExp(
        `^user "${reserved}": could not create role .*reserved.*choose another username \\[42939\\]$`,
      ),
    );
    for (const user of [a, b]) expect(await target.login(user, "pw")).toBe(user);
    const recorded = unwrap(failure.properties);
    const { outs } = await provider.update(failure.id, recorded, { ...rest, users });
    expect(Object.keys(usersOf(unwrap(outs))).sort()).toEqual([a, b]);
  });

  it("an update that fails for one keeps what is recorded of that one as it was", async () => {
    const provider = providerFor(target);
    const [a, b] = names("a", "b");
    const state = await deploy(provider, { users: { [a]: { password: "1" }, [b]: { password: "1" } } });
    const news = { users: { [a]: { password: "2" }, [b]: { password: "2", memberOf: ["no_such_group"] } } };

    const failure = await provider
      .update("id", state, { ...(await check(provider, state, news)), __provider: "code" })
      .catch((e: unknown) => e);

    const recorded = usersOf(unwrap((failure as PartialFailure).properties));
    expect(recorded[a]).toMatchObject({ generation: 2 });
    expect(recorded[b]).toEqual(usersOf(state)[b]);
    expect(await target.login(a, "2")).toBe(a);
    expect(await target.login(b, "1")).toBe(b);
  });

  it("a member and its group may come at one time", async () => {
    const [group, member] = names("group", "member");
    const provider = providerFor(target);

    const state = await deploy(provider, {
      users: { [member]: { password: "pw", memberOf: [group] }, [group]: { password: "pw", login: false } },
    });

    expect(usersOf(state)[member]).toMatchObject({ memberOf: [group] });
    await provider.delete("id", state);
  });

  it("a new owner may be one of the set: it is missed by nobody, and deleted last", async () => {
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    const [a, newOwner, last] = names("a", "new_owner", "last");
    const provider = providerFor(target);
    const state = await deploy(provider, {
      users: {
        [last]: { password: "pw" },
        [newOwner]: { password: "pw", reassignOwnedTo: last },
        [a]: { password: "pw", reassignOwnedTo: newOwner },
      },
    });
    expect(said.mock.calls.flat().join("\n")).not.toContain("reassignOwnedTo");
    said.mockRestore();

    await provider.delete("id", state);

    for (const user of [a, newOwner, last]) expect(await target.storedHash(user)).toBeUndefined();
  });

  it("a refresh sees who is gone and whose password is another", async () => {
    const provider = providerFor(target);
    const [a, b, c] = names("a", "b", "c");
    const args = { users: { [a]: { password: "pw" }, [b]: { password: "pw" }, [c]: { password: "pw" } } };
    const state = await deploy(provider, args);
    await target.sql(`DROP ROLE ${a}`);
    await target.sql(`ALTER ROLE ${b} PASSWORD 'by hand'`);

    const found = unwrap((await provider.read("id", state)).inputs);

    expect(Object.keys(usersOf(found)).sort()).toEqual([b, c]);
    expect(usersOf(found)[c]).toEqual(usersOf(await check(provider, state, args))[c]);
    const repaired = await check(provider, found, args);
    expect(usersOf(repaired)).toMatchObject({
      [a]: { generation: 1 },
      [b]: { generation: 2 },
      [c]: { generation: 1 },
    });
    await provider.update("id", unwrap((await provider.read("id", state)).props), repaired);
    for (const user of [a, b, c]) expect(await target.login(user, "pw")).toBe(user);
  });

  it("a record that is not whole is not refreshed, which would make inputs of it; the next up makes it whole", async () => {
    const provider = providerFor(target);
    const [a] = names("a");
    const args = { users: { [a]: { password: "pw" } }, owner: "o/p/s/UserSet::apps" };
    const inputs = await check(provider, {}, args);
    const { identity } = usersOf(unwrap((await provider.create(inputs)).outs))[a] as { identity: Props };
    const partial = {
      users: { [a]: { oid: identity.oid ?? null } },
      owner: args.owner,
      identity,
      incomplete: true,
    };

    await expect(provider.read("id", partial)).rejects.toThrow(/run `pulumi up` before you refresh/);
    const { outs } = await provider.update("id", partial, inputs);

    expect(outs).not.toHaveProperty("incomplete");
    expect(unwrap((await provider.read("id", unwrap(outs))).inputs)).toEqual(inputs);
    await providerFor(target).delete("id", partial);
    expect(await target.storedHash(a)).toBeUndefined();
  });

  if (target.product === "cockroachdb") {
    it("another spelling of a name is the same user, in a set and among its groups", async () => {
      const [a, group] = names("a", "group");
      const provider = providerFor(target);
      const state = await deploy(provider, { users: { [a.toUpperCase()]: { password: "pw" } } });
      const respelt = await check(provider, state, {
        users: { [a]: { password: "pw", memberOf: [group] }, [group.toUpperCase()]: { password: "pw" } },
      });

      const outs = unwrap((await provider.update("id", state, respelt)).outs);

      expect(Object.keys(usersOf(outs)).sort()).toEqual([group.toUpperCase(), a].sort());
      expect(await target.login(a, "pw")).toBe(a);
    });

    it("another spelling whose update fails leaves the user recorded under the one it has", async () => {
      const [a, b] = names("a", "b");
      const provider = providerFor(target);
      const before = { users: { [a.toUpperCase()]: { password: "pw" }, [b]: { password: "1" } } };
      const state = await deploy(provider, before);
      const inputs = await check(provider, state, {
        users: { [a]: { password: "pw", memberOf: ["no_such_group"] }, [b]: { password: "2" } },
      });

      const failure = await provider
        .update("id", state, { ...inputs, __provider: "code" })
        .catch((e: unknown) => e);

      const recorded = unwrap((failure as PartialFailure).properties);
      expect(Object.keys(usersOf(recorded)).sort()).toEqual([a.toUpperCase(), b].sort());
      await provider.delete("id", recorded);
      expect(await target.storedHash(a)).toBeUndefined();
    });

    it("two spellings of one name are one role: the second is refused", async () => {
      const [a] = names("a");
      const provider = providerFor(target);
      const inputs = await check(
        provider,
        {},
        {
          users: { [a]: { password: "pw" }, [a.toUpperCase()]: { password: "pw" } },
        },
      );
      const failure = await provider.create({ ...inputs, __provider: "code" }).catch((e: unknown) => e);
      expect((failure as PartialFailure).reasons).toEqual([
        `user "${a.toUpperCase()}": this server takes it for the same name as "${a}"; keep one of the two`,
      ]);
    });
  }
});

it("a user may have the name of something that every object has", async () => {
  const { users } = await check(userSetProvider(), {}, { users: { toString: { password: "pw" } } });
  expect(users).toMatchObject({ toString: { generation: 1 } });
});

describe("bad input: one line, with the user's name and never a password", () => {
  const provider = userSetProvider();
  it.each<[string, Props, RegExp]>([
    ["no users", {}, /users must be an object/],
    ["a list", { users: [] }, /users must be an object/],
    [
      "a user that is no object",
      { users: { app: "hunter2" } },
      /^: users.app must be an object of arguments$/,
    ],
    ["a misspelt argument", { user: {} }, /user is not an argument of a ScramUserSet/],
    [
      "an argument no user has",
      { users: { app: { pasword: "hunter2" } } },
      /^: users.app: pasword is not an argument/,
    ],
    [
      "a bad expiry",
      { users: { app: { password: "hunter2", validUntil: "soon" } } },
      /users.app: validUntil must be an ISO/,
    ],
    [
      "a password for all",
      { users: {}, defaults: { password: "hunter2" } },
      /defaults.password is no default/,
    ],
    [
      "a user's own connection",
      { users: { app: { password: "hunter2", connection: "x" } } },
      /^: users.app.connection cannot be given for a user of a set/,
    ],
    [
      "a name for all",
      { users: {}, defaults: { username: "app" } },
      /^: defaults.username cannot be given for a user of a set/,
    ],
    ["no password", { users: { app: {} } }, /users.app: password is missing/],
    [
      "too short",
      { users: { app: { password: "hunter2", minLength: 8 } } },
      /users.app: .* shorter than 8 characters/,
    ],
    [
      "groups that are each other's members",
      { users: { a: { password: "hunter2", memberOf: ["b"] }, b: { password: "hunter2", memberOf: ["a"] } } },
      /^: memberOf goes in a circle: a is a member of b is a member of a$/,
    ],
    ["a connection that is none", { users: {}, connection: "hunter2" }, /connection is refused/],
  ])("%s", async (_case, args, expected) => {
    const checked = await check(provider, {}, args).catch((e: Error) => e.message);
    expect(checked).toMatch(expected);
    expect(checked).not.toContain("hunter2");
  });
});
