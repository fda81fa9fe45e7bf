import { randomUUID } from "node:crypto";
import { expect, it, onTestFinished } from "vitest";
import { startPostgres } from "../../../tools/postgres/server.mts";
import { check, deploy, inputsOf, isWrapped, unwrap, userProviderFor } from "../../support/engine-side";
import { createAdmin, login, serverUrl, sql, storedHash, watchServerLog } from "../../support/server";
import { serverHas } from "../../support/server-version";
import { type Wire, wireTo } from "../../support/wire";

const provider = userProviderFor(serverUrl());
const name = () => `user ${randomUUID().slice(0, 8)}`;

/** A way to the server on which the answer to the first such statement never arrives. */
async function wireCutAfter(statement: string, since?: string): Promise<Wire> {
  const wire = await wireTo(serverUrl());
  wire.cut({ at: statement, when: "after", ...(since !== undefined && { since }) });
  return wire;
}

it("the user's day: create, deploy again, rotate, disable, expire, delete, delete again", async () => {
  const username = name();

  let state = await deploy(provider, { username, password: "first" });
  expect(await login(username, "first")).toBe(username);

  // Deployed again, nothing differs: the inputs are the recorded ones, so the engine calls nothing more.
  expect(await check(provider, state, { username, password: "first" })).toEqual(inputsOf(state));

  const rotated = await check(provider, state, { username, password: "second" });
  expect(rotated).toMatchObject({ generation: 2, saltSeed: state.saltSeed });
  expect(await provider.diff(username, state, rotated)).not.toHaveProperty("replaces");
  state = unwrap((await provider.update(username, state, rotated)).outs);
  expect(await storedHash(username)).toBe(rotated.verifier);
  await expect(login(username, "first")).rejects.toThrow("password authentication failed");
  expect(await login(username, "second")).toBe(username);

  const disabled = await check(provider, state, { username, password: "second", login: false });
  await provider.update(username, state, disabled);
  await expect(login(username, "second")).rejects.toThrow("is not permitted to log in");

  const expired = await check(provider, disabled, {
    username,
    password: "second",
    validUntil: "2020-01-01T00:00:00Z",
  });
  await provider.update(username, disabled, expired);
  await expect(login(username, "second")).rejects.toThrow("password authentication failed");

  await provider.delete(username, expired);
  await provider.delete(username, expired);
  expect(await storedHash(username)).toBeUndefined();
});

it("every answer wraps what is secret", async () => {
  const username = name();
  const inputs = (await provider.check({}, { username, password: "pw", connection: serverUrl() })).inputs;
  const { outs } = await provider.create(unwrap(inputs));
  const read = await provider.read(username, unwrap(outs));
  const updated = await provider.update(username, unwrap(outs), unwrap(inputs));

  for (const answer of [inputs, outs, read.props, read.inputs, updated.outs]) {
    const wrapped = Object.entries(answer ?? {}).filter(([, value]) => isWrapped(value));
    expect(wrapped.map(([key]) => key).sort()).toEqual(["connection", "saltSeed", "verifier"]);
    expect(answer).not.toHaveProperty("password");
  }
});

it("only what differs is sent: an update of one option names that option alone", async () => {
  const admin = await createAdmin("CREATEROLE");
  const limited = userProviderFor(admin.url);
  const username = name();
  const state = await deploy(limited, { username, password: "pw" });
  const logged = watchServerLog(admin.user);

  await limited.update(username, state, { ...state, validUntil: "2030-01-01T00:00:00Z" });

  const changes = (await logged()).split("\n").filter((line) => /CREATE|ALTER|DROP/.test(line));
  expect(changes).toHaveLength(1);
  expect(changes[0]).toContain(`ALTER ROLE "${username}" VALID UNTIL '2030-01-01T00:00:00Z'`);
});

it("an update that finds nothing to change reads and does nothing more", async () => {
  const admin = await createAdmin("CREATEROLE");
  const limited = userProviderFor(admin.url);
  const username = name();
  const state = await deploy(limited, { username, password: "pw" });
  const logged = watchServerLog(admin.user);

  await limited.update(username, state, state);

  expect(await logged()).toContain("rolcanlogin");
  expect(await logged()).not.toMatch(/CREATE|ALTER|DROP/);
});

it("a superuser's password and settings stay out of the server's log, the role's other statements do not", async () => {
  const admin = await createAdmin("SUPERUSER");
  const logged = watchServerLog(admin.user);

  const { username, verifier } = await deploy(userProviderFor(admin.url), {
    username: name(),
    password: "pw",
    settings: { "app.key": "Canary-setting" },
  });

  expect(await logged()).toContain(`CREATE ROLE "${username}" LOGIN`);
  expect(await logged()).not.toContain("Canary");
  expect(await logged()).not.toContain("PASSWORD '");
  expect(await logged()).not.toContain(verifier);
});

it("a setting's value that the server refuses is neither in the message nor in a superuser's log", async () => {
  const admin = await createAdmin("SUPERUSER");
  const logged = watchServerLog(admin.user);
  const args = { username: name(), password: "pw", settings: { work_mem: "Canary-setting" } };

  await expect(deploy(userProviderFor(admin.url), args)).rejects.toThrow(
    /the server refuses the value of work_mem; correct it under `settings` \[22023\]$/,
  );

  expect(await logged()).not.toMatch(/STATEMENT:.*Canary|statement:.*Canary/);
});

it.runIf(serverHas("limitedCreateRole"))(
  "a create that is done twice is done once: the role holds the very verifier that is to be written",
  async () => {
    const inputs = await check(provider, {}, { username: name(), password: "pw" });
    const first = await provider.create(inputs);

    expect(await provider.create(inputs)).toEqual(first);
  },
);

it("a create whose answer was lost at COMMIT succeeds, for the role is there", async () => {
  const wire = await wireCutAfter("COMMIT", "PASSWORD '");
  const username = name();

  const state = await deploy(userProviderFor(wire.url), { username, password: "pw" });

  expect(wire.cuts).toBe(1);
  expect(await storedHash(username)).toBe(state.verifier);
  expect(await login(username, "pw")).toBe(username);
});

it.each(["BEGIN", "CREATE ROLE", "ALTER ROLE"])(
  "a connection lost before %s is answered is made again",
  async (statement) => {
    const wire = await wireCutAfter(statement);
    const username = name();

    await deploy(userProviderFor(wire.url), { username, password: "pw" });

    expect(wire.cuts).toBe(1);
    expect(await login(username, "pw")).toBe(username);
  },
);

it("an update whose answer was lost at COMMIT looks what is left to do", async () => {
  const username = name();
  const state = await deploy(provider, { username, password: "first" });
  const rotated = await check(provider, state, { username, password: "second" });
  const wire = await wireCutAfter("COMMIT", "PASSWORD '");

  await userProviderFor(wire.url).update(username, state, rotated);

  expect(wire.cuts).toBe(1);
  expect(await login(username, "second")).toBe(username);
});

it("a role of the same name on another server is neither changed nor dropped", async () => {
  const other = await startPostgres();
  onTestFinished(() => other.stop());
  const username = name();
  const state = await deploy(provider, { username, password: "ours" });
  const elsewhere = userProviderFor(other.url);
  await deploy(elsewhere, { username, password: "theirs" });
  const rotated = await check(provider, state, { username, password: "new" });

  for (const operation of [
    () => elsewhere.update(username, state, rotated),
    () => elsewhere.read(username, state),
    () => elsewhere.delete(username, state),
  ]) {
    await expect(operation()).rejects.toThrow(
      /is not the server that user .* was created on, and has a role of that name/,
    );
  }
  expect(await provider.update(username, state, rotated)).toBeDefined();
});

it.each([
  ["never again", "'infinity'", undefined],
  ["long ago", "'-infinity'", "-infinity"],
  ["some day", "'2031-05-06 07:08:09+02'", "2031-05-06T05:08:09.000Z"],
])(
  "read sees an expiry set by hand, whatever the session's DateStyle: %s",
  async (_case, sqlValue, expected) => {
    const admin = await createAdmin("SUPERUSER");
    await sql(`ALTER ROLE ${admin.user} SET datestyle = 'SQL, DMY'`);
    const username = name();
    const state = await deploy(provider, { username, password: "pw", validUntil: "2030-01-01T00:00:00Z" });
    await sql(`ALTER ROLE "${username}" VALID UNTIL ${sqlValue}`);

    const { inputs } = await userProviderFor(admin.url).read(username, state);

    expect(inputs.validUntil).toBe(expected);
  },
);

it("an update finds the role gone and creates it again", async () => {
  const username = name();
  const state = await deploy(provider, { username, password: "pw" });
  await sql(`DROP ROLE "${username}"`);

  await provider.update(username, state, state);

  expect(await login(username, "pw")).toBe(username);
});

it("read answers an empty id for a role that is gone", async () => {
  expect(await provider.read(name(), {})).toEqual({ id: "", props: {}, inputs: {} });
});

it("read reports what the server has, and the next check puts a password changed by hand right", async () => {
  const username = name();
  const state = await deploy(provider, { username, password: "declared" });
  await sql(`ALTER ROLE "${username}" NOLOGIN PASSWORD 'by hand'`);

  const { inputs } = await provider.read(username, state);
  const found = unwrap(inputs);
  expect(found).toMatchObject({ login: false, verifier: await storedHash(username), generation: 1 });

  const wanted = await check(provider, found, { username, password: "declared" });
  expect(wanted).toMatchObject({ generation: 2, login: true });
  await provider.update(username, found, wanted);
  expect(await login(username, "declared")).toBe(username);
});

it("the same password re-hashed on the server is no change", async () => {
  const username = name();
  const state = await deploy(provider, { username, password: "same" });
  await sql(`ALTER ROLE "${username}" PASSWORD 'same'`);

  const found = unwrap((await provider.read(username, state)).inputs);

  expect(found.verifier).not.toBe(state.verifier);
  expect(await check(provider, found, { username, password: "same" })).toEqual(found);
});

it.each(["md5 hash", "no password"])("a foreign hash is replaced: %s", async (kind) => {
  const username = name();
  const state = await deploy(provider, { username, password: "pw" });
  await sql(
    `ALTER ROLE "${username}" PASSWORD ${kind === "no password" ? "NULL" : `'md5${"0".repeat(32)}'`}`,
  );

  const found = unwrap((await provider.read(username, state)).inputs);
  const wanted = await check(provider, found, { username, password: "pw" });
  await provider.update(username, found, wanted);

  expect(wanted.generation).toBe(2);
  expect(await login(username, "pw")).toBe(username);
});

it("an administrator with CREATEROLE but without superuser deploys, rotates and deletes; the hash stays unread", async () => {
  const admin = await createAdmin("CREATEROLE");
  const limited = userProviderFor(admin.url);
  const username = name();

  const state = await deploy(limited, { username, password: "first" });
  expect(await login(username, "first")).toBe(username);
  expect(unwrap((await limited.read(username, state)).props)).toEqual(state);

  const rotated = await check(limited, state, { username, password: "second" });
  await limited.update(username, state, rotated);
  expect(await login(username, "second")).toBe(username);

  await limited.delete(username, rotated);
  expect(await storedHash(username)).toBeUndefined();
});
