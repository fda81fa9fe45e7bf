import { randomUUID } from "node:crypto";
import { describe, expect, it, onTestFinished } from "vitest";
import { deriveVerifier, formatVerifier } from "../../src/scram";
import { startPostgres } from "../../tools/postgres/server.mts";
import { createAdmin, login, serverUrl, sql, storedHash } from "../support/server";
import { Stack } from "../support/stack";
import { query } from "../support/targets";

/** Users by themselves, users in a set, and users that are made after the set, declared by what the environment says. */
const PROGRAM = `
  const { ScramUser, ScramUserSet } = require("pulumi-scram");
  const { single = {}, set, after = {} } = JSON.parse(process.env.ARGS);
  for (const [name, args] of Object.entries(single)) new ScramUser(name, args);
  const dependsOn = set === undefined ? [] : [new ScramUserSet("together", { users: set })];
  for (const [name, args] of Object.entries(after)) new ScramUser(name, args, { dependsOn });
`;
const env = (args: object, url = serverUrl()) => ({ SCRAM_DATABASE_URL: url, ARGS: JSON.stringify(args) });
const name = () => `day2_${randomUUID().slice(0, 8)}`;
const REFRESH = ["refresh", "--yes", "--skip-preview"];

it.each(["SUPERUSER", "CREATEROLE"] as const)(
  "a password changed by hand: refresh says so, the preview shows it, up repairs it; with %s",
  async (rights) => {
    const admin = await createAdmin(rights);
    const stack = await Stack.create(PROGRAM);
    const user = name();
    const args = env({ single: { [user]: { password: "Canary-declared" } } }, admin.url);
    await stack.up(args);
    await sql(`ALTER ROLE ${user} PASSWORD 'by hand'`);

    const refreshed = await stack.succeed(REFRESH, args);
    const preview = await stack.preview(args);
    await stack.up(args);

    expect(refreshed).toContain(`user "${user}": the password hash on`);
    expect(refreshed.includes("may not read password hashes")).toBe(rights === "CREATEROLE");
    expect(preview).toMatch(/~ generation\s*: 1 => 2/);
    expect(preview).toMatch(/[~+] verifier\s*: \[secret\]/);
    expect(await login(user, "Canary-declared")).toBe(user);
    expect(await stack.succeed(REFRESH, args)).not.toContain("the password hash on");
    expect(await stack.preview(args)).toMatch(/2 unchanged/);
  },
);

it("the same password hashed anew on the server: an empty preview", async () => {
  const stack = await Stack.create(PROGRAM);
  const user = name();
  const args = env({ single: { [user]: { password: "Canary-declared" } } });
  await stack.up(args);
  const rehashed = formatVerifier(
    await deriveVerifier("Canary-declared", { salt: Buffer.alloc(16, 9), iterations: 10_610 }),
  );
  await sql(`ALTER ROLE ${user} PASSWORD '${rehashed}'`);

  await stack.succeed(REFRESH, args);

  expect(await stack.preview(args)).toMatch(/2 unchanged/);
  await stack.up(args);
  expect(await storedHash(user)).toBe(rehashed);
});

it("a password it had before fails in the preview, which names the user and not the password", async () => {
  const stack = await Stack.create(PROGRAM);
  const user = name();
  const args = (password: string) => env({ single: { [user]: { password, passwordHistory: 3 } } });
  for (const password of ["Canary-1", "Canary-2", "Canary-3", "Canary-4"]) await stack.up(args(password));

  for (const password of ["Canary-1", "Canary-2", "Canary-3"]) {
    const output = await stack.fail(["preview"], args(password));
    expect(output).toContain(`the password of user "${user}" is one of its last 3 (passwordHistory)`);
    expect(output).not.toContain("Canary");
  }
  expect(await login(user, "Canary-4")).toBe(user);
});

it("a user moves into a set and back: never dropped, and its password works all the time", async () => {
  const stack = await Stack.create(PROGRAM);
  const [user, other] = [name(), name()];
  const identity = async () => (await sql("SELECT oid FROM pg_roles WHERE rolname = $1", [user]))[0];
  await stack.up(env({ single: { [user]: { password: "Canary-pw" } } }));
  const made = await identity();

  const rest = { [other]: { password: "Canary-pw" } };
  const moved = await stack.up(env({ set: { [user]: { password: "Canary-pw", adopt: true }, ...rest } }));
  expect(moved).toMatch(/stays in place: it is now managed by \S+\/UserSet::together/);
  expect(await identity()).toEqual(made);
  expect(await login(user, "Canary-pw")).toBe(user);

  // It is the set's own now: it needs no `adopt` any more, and is dropped with it unless that stays.
  const preview = await stack.preview(env({ set: { [user]: { password: "Canary-pw" }, ...rest } }));
  expect(preview).toContain('- onDelete: "retain"');

  // The set, which is updated at the same time, must not drop it: an adopted user is retained.
  await stack.up(env({ single: { [user]: { password: "Canary-pw", adopt: true } }, set: rest }));
  expect(await identity()).toEqual(made);
  expect(await login(user, "Canary-pw")).toBe(user);
  await stack.up(env({ single: { [user]: { password: "Canary-pw" } } }));
  await stack.succeed(["destroy", "--yes"], env({}));
  expect(await identity()).toBeUndefined();
});

it("a move into a set, in an up that another user made fail: the next one still knows that the role is the set's", async () => {
  const stack = await Stack.create(PROGRAM);
  const [user, broken] = [name(), name()];
  const identity = async () => (await sql("SELECT oid FROM pg_roles WHERE rolname = $1", [user]))[0];
  await stack.up(env({ single: { [user]: { password: "Canary-pw" } } }));
  const made = await identity();

  const moved = { set: { [user]: { password: "Canary-pw", adopt: true } } };
  const failing = { [broken]: { password: "Canary-pw", memberOf: ["no_such_group"] } };
  await stack.fail(["up", "--yes", "--skip-preview"], env({ ...moved, after: failing }));
  expect((await stack.resources()).map(({ type }) => type)).toEqual(
    expect.arrayContaining([expect.stringMatching(/:User$/), expect.stringMatching(/:UserSet$/)]),
  );
  const next = await stack.up(env(moved));

  expect(next).toMatch(/stays in place: it is now managed by \S+\/UserSet::together/);
  expect(await identity()).toEqual(made);
  expect(await login(user, "Canary-pw")).toBe(user);
});

it("a user that two resources declare is refused in the preview", async () => {
  const stack = await Stack.create(PROGRAM);
  const user = name();
  const both = {
    single: { [user]: { password: "Canary-pw" } },
    set: { [user]: { password: "Canary-pw", adopt: true } },
  };

  expect(await stack.fail(["preview"], env(both))).toMatch(
    new RegExp(`username "${user}" is declared by \\S+ too, .*remove one of the two`),
  );
});

describe("users move to another Provider", () => {
  const MOVING = `
    const { Provider, ScramUser, ScramUserSet } = require("pulumi-scram");
    const { urls, which, single, inSet } = JSON.parse(process.env.ARGS);
    const providers = Object.fromEntries(Object.entries(urls).map(([name, connection]) => [name, new Provider(name, { connection })]));
    new ScramUser(single, { password: "Canary-pw" }, { provider: providers[which] });
    new ScramUserSet("set", { users: { [inSet]: { password: "Canary-pw" } } }, { provider: providers[which] });
  `;
  const oids = (url: string, ...users: string[]) =>
    query(url, "SELECT rolname, oid FROM pg_roles WHERE rolname = ANY ($1) ORDER BY 1", [users]);

  it.each([
    ["with the same connection", ""],
    ["with another connection", "?application_name=b"],
  ])("of the same server, %s: nothing changes, and nothing is dropped", async (_what, parameters) => {
    const stack = await Stack.create(MOVING);
    const [single, inSet] = [name(), name()];
    const urls = { a: serverUrl(), b: serverUrl() + parameters };
    const args = (which: string) => ({ ARGS: JSON.stringify({ urls, which, single, inSet }) });
    await stack.up(args("a"));
    const made = await oids(serverUrl(), single, inSet);

    expect(await stack.up(args("b"))).toMatch(/5 unchanged/);
    expect(await oids(serverUrl(), single, inSet)).toEqual(made);

    await stack.succeed(["destroy", "--yes"], args("b"));
    expect(await oids(serverUrl(), single, inSet)).toEqual([]);
  });

  it("of another server: nothing is dropped; it takes a refresh to see that they are not there, and the next up makes them", async () => {
    const other = await startPostgres();
    onTestFinished(() => other.stop());
    const stack = await Stack.create(MOVING);
    const [single, inSet] = [name(), name()];
    const urls = { a: serverUrl(), b: other.url };
    const args = (which: string) => ({ ARGS: JSON.stringify({ urls, which, single, inSet }) });
    await stack.up(args("a"));
    const made = await oids(serverUrl(), single, inSet);

    expect(await stack.up(args("b"))).toMatch(/5 unchanged/);
    await stack.succeed(["up", "--yes", "--refresh"], args("b"));

    expect(await oids(other.url, single, inSet)).toHaveLength(2);
    expect(await oids(serverUrl(), single, inSet)).toEqual(made);
    await stack.succeed(["destroy", "--yes"], args("b"));
    expect(await oids(other.url, single, inSet)).toEqual([]);
    expect(await oids(serverUrl(), single, inSet)).toEqual(made);
  });
});

it("a secret in a set's defaults stays one, in the preview and in the state", async () => {
  const stack = await Stack.create(`
    const pulumi = require("@pulumi/pulumi");
    const { ScramUserSet } = require("pulumi-scram");
    const { plain, later } = JSON.parse(process.env.ARGS);
    const defaults = { settings: { "app.key": pulumi.secret("Canary-default"), lock_timeout: "7s" } };
    new ScramUserSet("plain", { defaults, users: { [plain]: { password: "Canary-pw" } } });
    new ScramUserSet("later", { defaults: pulumi.output(defaults), users: { [later]: { password: "Canary-pw" } } });
  `);
  const [plain, later] = [name(), name()];
  const args = env({ plain, later });

  const preview = await stack.preview(args);
  await stack.up(args);
  await stack.succeed(REFRESH, args);

  expect(preview).toMatch(/lock_timeout\s*: "7s"/);
  expect(stack.transcript + stack.files()).not.toContain("Canary");
  expect(await stack.preview(args)).toMatch(/3 unchanged/);
  for (const user of [plain, later])
    expect(
      await sql("SELECT setconfig::text AS set FROM pg_db_role_setting WHERE setrole = $1::regrole", [user]),
    ).toEqual([{ set: "{app.key=Canary-default,lock_timeout=7s}" }]);
  await stack.succeed(["destroy", "--yes"], args);
});
