import { randomUUID } from "node:crypto";
import { beforeAll, expect, it } from "vitest";
import type { Provider } from "../../../src/provider/protocol/wire";
import { check, deploy, inputsOf, unwrap, userProviderFor } from "../../support/engine-side";
import { forEachTarget } from "../../support/targets";

const name = () => `user_${randomUUID().slice(0, 8)}`;

forEachTarget((target) => {
  let provider: Provider;
  beforeAll(() => {
    provider = userProviderFor(target.url);
  });

  it("the user's day: create, deploy again, rotate, disable, enable, delete", async () => {
    const username = name();

    let state = await deploy(provider, { username, password: "first" });
    expect(await target.storedHash(username)).toBe(state.verifier);
    expect(await target.login(username, "first")).toBe(username);
    // A login by cleartext password may have the server hash it anew; by SCRAM it does not.
    expect(await target.storedHash(username)).toBe(state.verifier);
    expect(await check(provider, state, { username, password: "first" })).toEqual(inputsOf(state));

    const rotated = await check(provider, state, { username, password: "second" });
    state = unwrap((await provider.update(username, state, rotated)).outs);
    await expect(target.login(username, "first")).rejects.toThrow(/password authentication failed/);
    expect(await target.login(username, "second")).toBe(username);

    const disabled = await check(provider, state, {
      username,
      password: "second",
      login: false,
      validUntil: "2040-01-01T00:00:00Z",
    });
    state = unwrap((await provider.update(username, state, disabled)).outs);
    await expect(target.login(username, "second")).rejects.toThrow(/log ?in/);
    const found = unwrap((await provider.read(username, state)).inputs);
    expect(found).toEqual(inputsOf(state));

    const enabled = await check(provider, state, { username, password: "second" });
    await provider.update(username, state, enabled);
    expect(await target.login(username, "second")).toBe(username);

    await provider.delete(username, enabled);
    await provider.delete(username, enabled);
    expect(await target.storedHash(username)).toBeUndefined();
    expect((await provider.read(username, enabled)).id).toBe("");
  });

  it("an existing role is refused and left alone", async () => {
    const username = name();
    await deploy(provider, { username, password: "theirs" });
    await expect(deploy(provider, { username, password: "ours" })).rejects.toThrow(
      /it exists already .*\[42710\]$/,
    );
    expect(await target.login(username, "theirs")).toBe(username);
  });

  it("a password changed by hand is found by refresh and put right", async () => {
    const username = name();
    const state = await deploy(provider, { username, password: "declared" });
    await target.sql(`ALTER ROLE ${username} PASSWORD 'by hand'`);

    const found = unwrap((await provider.read(username, state)).inputs);
    const wanted = await check(provider, found, { username, password: "declared" });
    await provider.update(username, state, wanted);

    expect(wanted.generation).toBe(2);
    expect(await target.login(username, "declared")).toBe(username);
  });

  it("an administrator who may only create roles cannot read hashes, and does all the rest", async () => {
    const [admin, username] = [name(), name()];
    await target.sql(
      `CREATE ROLE ${admin} LOGIN CREATEROLE ${target.product === "cockroachdb" ? "CREATELOGIN" : ""} PASSWORD 'pw'`,
    );
    const url = new URL(target.url);
    url.username = admin;
    url.password = "pw";
    const limited = userProviderFor(url.href);

    const state = await deploy(limited, { username, password: "first" });
    const rotated = await check(limited, state, { username, password: "second" });
    const after = unwrap((await limited.update(username, state, rotated)).outs);
    expect(await target.login(username, "second")).toBe(username);
    expect(unwrap((await limited.read(username, after)).props)).toEqual(after);
    await limited.delete(username, after);
  });

  it("an administrator without the privilege is refused with a sentence", async () => {
    const admin = name();
    await target.sql(`CREATE ROLE ${admin} LOGIN PASSWORD 'pw'`);
    const url = new URL(target.url);
    url.username = admin;
    url.password = "pw";
    await expect(deploy(userProviderFor(url.href), { username: name(), password: "pw" })).rejects.toThrow(
      /could not create role .*\[42501\]$/,
    );
  });
});
