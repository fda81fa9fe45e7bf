import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Props, Provider } from "../../../src/provider/protocol/wire";
import { userSetProvider } from "../../../src/provider/user-set/user-set";
import { check, configured, deploy, inputsOf, unwrap, userProviderFor } from "../../support/engine-side";
import { forEachTarget } from "../../support/targets";

/** Roles without a password: groups, and users that log in by certificate, Kerberos or IAM. */
const name = () => `app_${randomUUID().slice(0, 8)}`;
const said = vi.spyOn(console, "error").mockImplementation(() => {});
const lines = () => said.mock.calls.flat().join("\n");
afterEach(() => said.mockClear());

async function update(provider: Provider, state: Props, args: Props) {
  const inputs = await check(provider, inputsOf(state), args);
  return unwrap((await provider.update("id", state, inputs)).outs);
}

forEachTarget((target) => {
  const setPassword = (user: string, to: string) => target.sql(`ALTER ROLE ${user} PASSWORD ${to}`);

  it.each([
    ["a group", { login: false }],
    ["a user that says so", { passwordless: true }],
    ["both", { login: false, passwordless: true }],
  ])("%s is made without one, and an unchanged program changes nothing", async (_case, rest) => {
    const provider = userProviderFor(target.url);
    const args = { username: name(), ...rest };

    const state = await deploy(provider, args);

    expect(await target.storedHash(args.username)).toBeNull();
    expect(state).toMatchObject({ passwordless: true, generation: 0 });
    expect(state).not.toHaveProperty("verifier");
    expect(state).not.toHaveProperty("iterations");
    expect(await check(provider, inputsOf(state), args)).toEqual(inputsOf(state));
    const { props, inputs } = await provider.read("id", state);
    expect([unwrap(props), unwrap(inputs)]).toEqual([state, inputsOf(state)]);
    expect(lines()).toBe("");
  });

  it("from a password to none and back: the old one does not work any more, the new one is a rotation", async () => {
    const provider = userProviderFor(target.url);
    const username = name();
    const first = await deploy(provider, { username, password: "first" });

    const none = await update(provider, first, { username, passwordless: true });
    expect(await target.storedHash(username)).toBeNull();
    expect(none).toMatchObject({ generation: 1 });
    await expect(target.login(username, "first")).rejects.toThrow();

    const second = await update(provider, none, { username, password: "second" });
    expect(second).toMatchObject({ generation: 2 });
    expect(second).not.toHaveProperty("passwordless");
    expect(await target.storedHash(username)).toBe(second.verifier);
    expect(await target.login(username, "second")).toBe(username);
  });

  it("passwordHistory remembers what it was before there was none", async () => {
    const provider = userProviderFor(target.url);
    const username = name();
    const passwordHistory = 2;
    const first = await deploy(provider, { username, password: "first", passwordHistory });
    const none = await update(provider, first, { username, passwordless: true, passwordHistory });

    await expect(
      check(provider, inputsOf(none), { username, password: "first", passwordHistory }),
    ).rejects.toThrow(/is one of its last 2/);
  });

  it("a password set by hand is said at refresh, and taken away", async () => {
    const provider = userProviderFor(target.url);
    const args = { username: name(), passwordless: true };
    const state = await deploy(provider, args);
    await setPassword(args.username, "'by hand'");

    const { props, inputs } = await provider.read("id", state);
    expect(lines()).toContain(`user "${args.username}" has a password on`);
    expect(lines()).toContain("is declared to have none; the next `pulumi up` takes it away");
    const next = await check(provider, unwrap(inputs), args);
    // Which is what the preview shows: the hash goes.
    expect(next).toEqual(inputsOf(state));
    expect(unwrap(inputs).verifier).toEqual(expect.any(String));
    expect(unwrap((await provider.update("id", unwrap(props), next)).outs)).toEqual(state);
    expect(await target.storedHash(args.username)).toBeNull();
  });

  it("a role that is adopted loses the password that it has, which the preview says", async () => {
    const provider = userProviderFor(target.url);
    const username = name();
    await target.sql(`CREATE ROLE ${username} LOGIN PASSWORD 'theirs'`);

    await deploy(provider, { username, passwordless: true, adopt: true });

    expect(lines()).toMatch(/is taken over: .*has no password any more/);
    expect(await target.storedHash(username)).toBeNull();
  });

  it("in a set, beside users that have one", async () => {
    const provider = configured(userSetProvider(), target.url);
    const [group, user, certain] = [name(), name(), name()] as [string, string, string];
    const set = (users: Props) => ({
      defaults: { minLength: 3, rotationKey: "may", iterations: 4096 },
      users,
    });
    const args = set({
      [group]: { login: false },
      [user]: { password: "long", memberOf: [group] },
      [certain]: { passwordless: true },
    });

    const state = await deploy(provider, args);
    expect(await Promise.all([group, certain].map(target.storedHash))).toEqual([null, null]);
    expect(await target.login(user, "long")).toBe(user);
    expect(await check(provider, state, args)).toMatchObject({
      users: { [certain]: { passwordless: true } },
    });

    const changed = set({
      [group]: { login: false },
      [user]: { passwordless: true, memberOf: [group] },
      [certain]: { password: "longer" },
    });
    const inputs = await check(provider, state, changed);
    await provider.update("id", state, inputs);
    expect(await target.storedHash(user)).toBeNull();
    expect(await target.login(certain, "longer")).toBe(certain);
  });

  it("in a set, an Output of nothing is no password either: the defaults go by that", async () => {
    const provider = configured(userSetProvider(), target.url);
    const inputs = await check(
      provider,
      {},
      {
        defaults: { minLength: 3, iterations: 4096, passwordless: true },
        users: {
          readers: { login: false, password: null },
          certain: { password: null, verifier: null },
          app: { password: "long", verifier: null },
        },
      },
    );
    expect(inputs).toMatchObject({
      users: { readers: { passwordless: true }, certain: { passwordless: true } },
    });
    expect(inputs).not.toHaveProperty("users.app.passwordless");
  });

  describe("refused in the preview", () => {
    it.each<[string, Props, RegExp]>([
      ["a login without either", {}, /password is missing; .*`passwordless: true`/],
      ["nothing", { password: null }, /password is missing/],
      [
        "a password beside it",
        { passwordless: true, password: "pw" },
        /passwordless and password are both given/,
      ],
      [
        "an iteration count",
        { login: false, iterations: 4096 },
        /iterations goes with a password; this role has none/,
      ],
      ["a word", { passwordless: "yes" }, /passwordless must be true or false/],
      ["false, and no password", { passwordless: false, login: false }, /password is missing/],
    ])("%s", async (_case, rest, sentence) => {
      await expect(check(userProviderFor(target.url), {}, { username: name(), ...rest })).rejects.toThrow(
        sentence,
      );
    });

    it("a password that is suddenly missing: it is neither kept nor taken away without a word", async () => {
      const provider = userProviderFor(target.url);
      const args = { username: name(), password: "pw" };
      const state = await deploy(provider, args);

      const without = check(provider, inputsOf(state), { username: args.username });

      await expect(without).rejects.toThrow(
        /password is missing, and the user has one; .*is a variable not set/,
      );
      await expect(without).rejects.toThrow(
        /to keep the one it has, the resource option ignoreChanges: \["password"\]/,
      );
    });
  });
});
