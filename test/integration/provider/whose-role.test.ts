import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Database } from "../../../src/database/contract/database";
import { UserError } from "../../../src/errors";
import type { Props } from "../../../src/provider/protocol/wire";
import { warnOfMissingNewOwner } from "../../../src/provider/user/reconcile/new-owner";
import type { UserState } from "../../../src/provider/user/state";
import { userSetProvider } from "../../../src/provider/user-set/user-set";
import { startPostgres } from "../../../tools/postgres/server.mts";
import { check, configured, deploy, inputsOf, unwrap, userProviderFor } from "../../support/engine-side";
import { login, serverUrl, sql, storedHash } from "../../support/server";
import { query } from "../../support/targets";

const name = (stem = "app") => `${stem}_${randomUUID().slice(0, 8)}`;
const oidOf = async (role: string) =>
  (await sql<{ oid: string }>("SELECT oid::text FROM pg_roles WHERE rolname = $1", [role]))[0]?.oid;
const provider = () => userProviderFor(serverUrl());
const owner = "org/project/stack/User::app";

/** What the provider prints under the stack's diagnostics. */
const said = vi.spyOn(console, "error").mockImplementation(() => {});
const lines = () => said.mock.calls.flat().join("\n");
afterEach(() => said.mockClear());

/** Neither our resource nor another one of ours has to do with it. */
async function strangerNamed(role: string): Promise<void> {
  await sql(`CREATE ROLE ${role} CREATEDB LOGIN PASSWORD 'theirs'`);
}

describe("our role was renamed by hand, and a stranger has its name", () => {
  async function renamedByHand() {
    const [username, old] = [name(), name("old")];
    const args = { username, password: "pw", owner };
    const state = await deploy(provider(), args);
    await sql(`ALTER ROLE ${username} RENAME TO ${old}`);
    await strangerNamed(username);
    return { username, old, args, state };
  }

  it("a deletion drops ours, and not the stranger", async () => {
    const { username, old, state } = await renamedByHand();

    await provider().delete(username, state);

    expect(await oidOf(old)).toBeUndefined();
    expect(await login(username, "theirs")).toBe(username);
  });

  it("an update says that the name is taken, and leaves the stranger as it is", async () => {
    const { username, args, state } = await renamedByHand();
    const inputs = await check(provider(), inputsOf(state), { ...args, connectionLimit: 3 });

    await expect(provider().update(username, state, inputs)).rejects.toThrow(
      /could not rename role .*: it exists already/,
    );

    expect(
      await sql("SELECT rolcreatedb AS db, rolconnlimit AS n FROM pg_roles WHERE rolname = $1", [username]),
    ).toEqual([{ db: true, n: -1 }]);
    expect(await login(username, "theirs")).toBe(username);
  });

  it("a refresh finds ours", async () => {
    const { username, old, state } = await renamedByHand();
    expect(unwrap((await provider().read(username, state)).inputs).renamedTo).toBe(old);
  });
});

describe("a rename that was carried out and never recorded", () => {
  async function interrupted(password: string) {
    const [before, now] = [name("before"), name("now")];
    const state = await deploy(provider(), { username: before, password: "pw", owner });
    const inputs = await check(provider(), inputsOf(state), { username: now, password, owner });
    await provider().update(before, state, inputs);
    return { before, now, state, inputs };
  }

  it("converges when another resource has taken the old name since", async () => {
    const { before, now, state, inputs } = await interrupted("pw");
    await deploy(provider(), { username: before, password: "other", owner: `${owner}2` });

    await provider().update(before, state, inputs);

    expect(await login(now, "pw")).toBe(now);
    expect(await login(before, "other")).toBe(before);
  });

  it("with a rotation: a deletion still knows its role", async () => {
    const { before, now, state } = await interrupted("another");

    await provider().delete(before, state);

    expect(await oidOf(now)).toBeUndefined();
    expect(lines()).toBe("");
  });
});

describe("a ready-made verifier", () => {
  const readyMade = async () =>
    String((await deploy(provider(), { username: name("other"), password: "pw" })).verifier);

  it("made by another resource, for the same user elsewhere, it makes nobody the owner of ours", async () => {
    const args = { username: name(), verifier: await readyMade(), owner };
    const state = await deploy(provider(), args);

    const inputs = await check(provider(), inputsOf(state), { ...args, createDb: true });
    const outs = unwrap((await provider().update("id", state, inputs)).outs);
    await provider().delete("id", outs);

    expect(await oidOf(args.username)).toBeUndefined();
  });

  it("made by another resource, and written by an update that was never recorded, it is ours all the same", async () => {
    const [first, second] = [readyMade(), readyMade()];
    const args = { username: name(), verifier: await first, owner };
    const state = await deploy(provider(), args);
    const inputs = await check(provider(), inputsOf(state), { ...args, verifier: await second });

    await provider().update("id", state, inputs);
    await provider().update("id", state, inputs);

    expect(await login(args.username, "pw")).toBe(args.username);
  });

  it("a set that adopts under a new name what was renamed by hand keeps it", async () => {
    const set = configured(userSetProvider(), serverUrl());
    const [before, now] = [name("before"), name("now")];
    const verifier = await readyMade();
    const users = (entry: Props) => ({ owner: "o/p/s/UserSet::apps", users: entry }) as Props;
    const state = await deploy(set, users({ [before]: { verifier } }));
    await sql(`ALTER ROLE ${before} RENAME TO ${now}`);
    const { props, inputs } = await set.read("id", state);

    const declared = await check(set, unwrap(inputs), users({ [now]: { verifier, adopt: true } }));
    const outs = unwrap((await set.update("id", unwrap(props), declared)).outs);

    expect(Object.keys(outs.users as object)).toEqual([now]);
    expect(await login(now, "pw")).toBe(now);
  });
});

describe("the connection has come to lead to another server, where there is no such role", () => {
  const elsewhere = (state: Props): Props => ({
    ...state,
    username: name("not_here"),
    identity: { ...(state.identity as Props), cluster: "7000000000000000001", oid: "1" },
  });

  it("a deletion does not pass for done", async () => {
    const state = await deploy(provider(), { username: name(), password: "pw", owner });
    await expect(provider().delete("id", elsewhere(state))).rejects.toThrow(
      /is not the server that user "not_here_\w+" was created on; correct the connection/,
    );
  });

  it("a refresh says why the user counts as gone", async () => {
    const state = await deploy(provider(), { username: name(), password: "pw", owner });
    expect((await provider().read("id", elsewhere(state))).id).toBe("");
    expect(lines()).toMatch(/is not the server that user "not_here_\w+" was created on/);
  });
});

it("a dump restored on a new server, whose administrator may not read hashes: declared `adopt`, each user is taken over", async () => {
  const other = await startPostgres();
  onTestFinished(() => other.stop());
  const username = name();
  const args = { username, password: "pw" };
  const state = await deploy(provider(), args);
  await query(other.url, "CREATE ROLE restorer LOGIN CREATEROLE PASSWORD 'pw'");
  const url = other.url.replace("postgres:postgres", "restorer:pw");
  await query(url, `CREATE ROLE ${username} LOGIN PASSWORD '${await storedHash(username)}'`);
  await query(url, "CREATE ROLE in_between");
  const restored = userProviderFor(url);
  await expect(restored.read("id", state)).rejects.toThrow(/asks for the recorded salt; if it was restored/);

  const inputs = await check(restored, inputsOf(state), { ...args, adopt: true });
  const { outs } = await restored.update("id", state, inputs);

  expect(lines()).toMatch(/is on .* already and is taken over as it is; /);
  expect(outs?.identity).not.toEqual(state.identity);
  const again = unwrap((await restored.read("id", unwrap(outs))).props);
  expect(again).toEqual(unwrap(outs));
});

describe("what is found out beside the work keeps nothing from being recorded", () => {
  it("a new owner that cannot be looked up", async () => {
    const unreachable = {
      findRole: async () => {
        throw new UserError("CONNECTION_LOST", "the connection was lost");
      },
    } as Partial<Database> as Database;
    await warnOfMissingNewOwner(unreachable, { username: "app", reassignOwnedTo: "new_owner" } as UserState);
    expect(lines()).toBe("");
  });
});
