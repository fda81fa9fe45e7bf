import { randomBytes, randomUUID } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Props, Provider } from "../../../src/provider/protocol/wire";
import { deriveVerifier } from "../../../src/scram/verifier";
import { formatVerifier, parseVerifier } from "../../../src/scram/verifier-text";
import { check, deploy, inputsOf, unwrap, userProviderFor } from "../../support/engine-side";

import { forEachTarget, query, type Target } from "../../support/targets";

const name = () => `app_${randomUUID().slice(0, 8)}`;

/** What the provider prints under the stack's diagnostics. */
const said = vi.spyOn(console, "error").mockImplementation(() => {});
const lines = () => said.mock.calls.flat().join("\n");
afterEach(() => said.mockClear());

/** The same password as a server would hash it anew: another salt. */
async function rehashed(password: string, iterations = 10_610): Promise<string> {
  return formatVerifier(await deriveVerifier(password, { salt: randomBytes(16), iterations }));
}

/** As `pulumi refresh` and the `check` of the next preview; `same` when that preview would be empty. */
async function refresh(provider: Provider, state: Props, args: Props) {
  const { props, inputs } = await provider.read("id", state);
  const found = unwrap(inputs);
  const next = await check(provider, found, args);
  return {
    outputs: unwrap(props),
    next,
    same: JSON.stringify(sorted(next)) === JSON.stringify(sorted(found)),
  };
}

const sorted = (props: Props) => Object.fromEntries(Object.entries(props).sort());

forEachTarget((target) => {
  const setPassword = (user: string, password: string) =>
    target.sql(`ALTER ROLE ${user} PASSWORD '${password}'`);

  describe.each(["catalog", "handshake"] as const)("driftCheck: %s", (driftCheck) => {
    it("an unchanged password is no drift", async () => {
      const provider = userProviderFor(target.url);
      const args = { username: name(), password: "pw", driftCheck };
      const state = await deploy(provider, args);

      const { outputs, same } = await refresh(provider, state, args);

      expect(outputs).toEqual(state);
      expect(same).toBe(true);
      expect(lines()).toBe("");
    });

    it("a password changed by hand is said at refresh, shown as a rotation, and put right", async () => {
      const provider = userProviderFor(target.url);
      const args = { username: name(), password: "pw", driftCheck };
      const state = await deploy(provider, args);
      await setPassword(args.username, await rehashed("by hand"));

      const { outputs, next, same } = await refresh(provider, state, args);

      expect(lines()).toMatch(/the password hash on .* is not the recorded one/);
      expect(same).toBe(false);
      expect(next).toMatchObject({ generation: 2 });
      await provider.update("id", outputs, next);
      expect(await target.login(args.username, "pw")).toBe(args.username);
    });

    it("no password at all is put right", async () => {
      const provider = userProviderFor(target.url);
      const args = { username: name(), password: "pw", driftCheck };
      const state = await deploy(provider, args);
      await target.sql(`ALTER ROLE ${args.username} PASSWORD NULL`);

      const { outputs, next } = await refresh(provider, state, args);
      await provider.update("id", outputs, next);

      expect(await target.login(args.username, "pw")).toBe(args.username);
    });
  });

  it("catalog: the same password hashed anew by the server is an empty preview", async () => {
    const provider = userProviderFor(target.url);
    const args = { username: name(), password: "pw" };
    const state = await deploy(provider, args);
    const other = await rehashed("pw");
    await setPassword(args.username, other);

    const { outputs, same } = await refresh(provider, state, args);

    expect(same).toBe(true);
    expect(outputs.verifier).toBe(other);
  });

  if (target.product === "postgresql") {
    // CockroachDB asks for the password in clear then, and nothing can be told.
    it("handshake: our salt with other iterations is another verifier", async () => {
      const provider = userProviderFor(target.url);
      const args = { username: name(), password: "pw", driftCheck: "handshake" };
      const state = await deploy(provider, args);
      const { salt } = parseVerifier(String(state.verifier));
      const other = formatVerifier(await deriveVerifier("pw", { salt, iterations: 10_611 }));
      await target.sql(`ALTER ROLE ${args.username} PASSWORD '${other}'`);

      expect((await refresh(provider, state, args)).same).toBe(false);
    });
  }

  it("catalog: a foreign hash is replaced", async () => {
    const provider = userProviderFor(target.url);
    const args = { username: name(), password: "pw" };
    const state = await deploy(provider, args);
    await setPassword(args.username, foreignHash(target));

    const { outputs, next } = await refresh(provider, state, args);
    await provider.update("id", outputs, next);

    expect(await target.storedHash(args.username)).toBe(next.verifier);
  });

  it("none: the password is not looked at", async () => {
    const provider = userProviderFor(target.url);
    const args = { username: name(), password: "pw", driftCheck: "off" };
    const state = await deploy(provider, args);
    await setPassword(args.username, await rehashed("by hand"));

    const { outputs, same } = await refresh(provider, state, args);

    expect(outputs).toEqual(state);
    expect(same).toBe(true);
  });

  it("handshake: where the server asks for no SCRAM, it is said that nothing can be told", async () => {
    const provider = userProviderFor(target.url);
    const args = {
      username: name(),
      password: "pw",
      driftCheck: "handshake",
      validUntil: "2020-01-01T00:00:00Z",
    };
    const state = await deploy(provider, args);

    const { same } = await refresh(provider, state, args);

    expect(same).toBe(true);
    expect(lines()).toMatch(/cannot tell whether the password is still the recorded one: it has expired/);
  });

  it("a user that is gone is gone from the state", async () => {
    const provider = userProviderFor(target.url);
    const state = await deploy(provider, { username: name(), password: "pw", driftCheck: "handshake" });
    await target.sql(`DROP ROLE ${state.username}`);
    expect(await provider.read("id", state)).toEqual({ id: "", props: {}, inputs: {} });
  });

  it("an administrator who may create roles and read no hashes can do all of it", async () => {
    const limited = await limitedAdmin(target);
    const provider = userProviderFor(limited.url);
    const group = name();
    await limited.sql(`CREATE ROLE ${group}`);
    // PostgreSQL gives it to whoever creates a role.
    if (target.product === "cockroachdb")
      await target.sql(`GRANT ${group} TO ${limited.user} WITH ADMIN OPTION`);
    const args: Props = {
      username: name(),
      password: "pw",
      memberOf: [group],
      settings: { statement_timeout: "5s" },
      validUntil: "2040-01-01T00:00:00Z",
      ...(target.product === "postgresql" && { connectionLimit: 3 }),
      owner: "o/p/s/User::app",
    };

    let state = await deploy(provider, args);
    expect(await target.login(String(args.username), "pw")).toBe(args.username);

    // Refresh: unchanged, then changed by hand.
    expect((await refresh(provider, state, args)).same).toBe(true);
    expect(lines()).toMatch(
      /the administrator may not read password hashes on .*; .* logins are started instead/,
    );
    await setPassword(String(args.username), await rehashed("by hand"));
    const { outputs, next, same } = await refresh(provider, state, args);
    expect(same).toBe(false);
    state = unwrap((await provider.update("id", outputs, next)).outs);
    expect(await target.login(String(args.username), "pw")).toBe(args.username);

    // Change everything, adopt, disable, and drop.
    const changed = await check(provider, state, {
      ...args,
      password: "2",
      memberOf: [],
      settings: {},
      login: false,
    });
    state = unwrap((await provider.update("id", state, changed)).outs);
    await expect(target.login(String(args.username), "2")).rejects.toThrow();
    expect(inputsOf(state)).toEqual(changed);
    const process = userProviderFor(limited.url);
    const adopted = await deploy(process, { ...args, owner: "other", adopt: true, onDelete: "drop" });
    await process.delete("id", state);
    expect(await target.login(String(args.username), "pw")).toBe(args.username);
    await userProviderFor(limited.url).delete("id", adopted);
    expect(await target.storedHash(String(args.username))).toBeUndefined();
  });
});

function foreignHash({ product }: Target): string {
  return product === "postgresql"
    ? `md5${"0".repeat(32)}`
    : "CRDB-BCRYPT$2a$10$vcmoIBvgeHjgScVHWRMWI.Z3v03WMixAw2bBS6qZihljSUuwi88Yq";
}

/** CREATEROLE, on CockroachDB also CREATELOGIN, and nothing more. */
async function limitedAdmin(target: Target) {
  const user = `admin_${randomUUID().slice(0, 8)}`;
  const options = target.product === "postgresql" ? "CREATEROLE" : "CREATEROLE CREATELOGIN";
  await target.sql(`CREATE ROLE ${user} LOGIN ${options} PASSWORD 'Adm1n-pw'`);
  const url = new URL(target.url);
  url.username = user;
  url.password = "Adm1n-pw";
  return {
    user,
    url: url.href,
    sql: (text: string) => query(url.href, text),
  };
}
