import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Props } from "../../../src/provider/protocol/wire";
import { deriveVerifier } from "../../../src/scram/verifier";
import { formatVerifier } from "../../../src/scram/verifier-text";
import { check, deploy, inputsOf, userProviderFor } from "../../support/engine-side";
import { markedSalt } from "../../support/marked-salt";
import { createAdmin, login, serverUrl, sql, storedHash } from "../../support/server";
import { serverHas } from "../../support/server-version";
import { query } from "../../support/targets";
import { wireTo } from "../../support/wire";

const name = (stem = "app") => `${stem}_${randomUUID().slice(0, 8)}`;
const owner = "org/shop/dev/User::app";

/** What the provider prints under the stack's diagnostics. */
const said = vi.spyOn(console, "error").mockImplementation(() => {});
const lines = () => said.mock.calls.flat().join("\n");
afterEach(() => said.mockClear());

const roleNamed = async (role: string) =>
  (
    await sql<{ oid: string; login: boolean }>(
      "SELECT oid::text, rolcanlogin AS login FROM pg_roles WHERE rolname = $1",
      [role],
    )
  )[0];

/** What anybody can make who knows, or guesses, the names of a resource. */
async function verifierMarkedBy(resource: string, password: string): Promise<string> {
  return formatVerifier(await deriveVerifier(password, { salt: markedSalt(resource), iterations: 10_610 }));
}

describe.each(["SUPERUSER", "CREATEROLE"] as const)("as an administrator with %s", (rights) => {
  const ours = async () => userProviderFor((await createAdmin(rights)).url);

  it.each(["drop", "disable"] as const)(
    "a leaver who sets a verifier with another resource's mark does not survive: onDelete %s",
    async (onDelete) => {
      const provider = await ours();
      const leaver = name("leaver");
      const state = await deploy(provider, { username: leaver, password: "pw", owner, onDelete });
      const own = await verifierMarkedBy("org/other/dev/User::app", "mine");
      await query(serverUrl(leaver, "pw"), `ALTER ROLE ${leaver} PASSWORD '${own}'`);
      expect(await login(leaver, "mine")).toBe(leaver);

      await provider.delete(leaver, state);

      await expect(login(leaver, "mine")).rejects.toThrow();
      expect((await roleNamed(leaver))?.login).toBe(onDelete === "drop" ? undefined : false);
    },
  );

  it("a leaver who sets such a verifier cannot keep options or passwords from being put right", async () => {
    const provider = await ours();
    const leaver = name("leaver");
    const args = { username: leaver, password: "pw", owner };
    const state = await deploy(provider, args);
    const own = await verifierMarkedBy("org/other/dev/User::app", "mine");
    await query(serverUrl(leaver, "pw"), `ALTER ROLE ${leaver} PASSWORD '${own}'`);

    const inputs = await check(provider, inputsOf(state), { ...args, password: "next" });
    await provider.update(leaver, state, inputs);

    expect(await login(leaver, "next")).toBe(leaver);
  });

  it("a squatter who makes the role first, with our mark, is not adopted", async () => {
    const squatter = await createAdmin("CREATEROLE");
    const username = name();
    const squatted = await verifierMarkedBy(owner, "theirs");
    await query(squatter.url, `CREATE ROLE ${username} LOGIN PASSWORD '${squatted}'`);

    const deployed = deploy(await ours(), { username, password: "pw", owner });

    await expect(deployed).rejects.toThrow(/it exists already on .*adopt: true/);
    expect(await storedHash(username)).toBe(squatted);
  });

  it.runIf(serverHas("limitedCreateRole"))(
    "a squatter who copies what a saltSeed makes, from a user that was there before, is not adopted",
    async () => {
      const username = name();
      const args = { username, password: "pw", owner, saltSeed: Buffer.alloc(32, 5).toString("base64") };
      const { url } = await createAdmin(rights);
      const state = await deploy(userProviderFor(url), args);
      await userProviderFor(url).delete(username, state);
      const make = `CREATE ROLE ${username} LOGIN PASSWORD '${state.verifier}'`;
      const squatter = await createAdmin("CREATEROLE");
      await query(squatter.url, make);

      await expect(deploy(userProviderFor(url), args)).rejects.toThrow(/it exists already on .*adopt: true/);

      // Nobody administers it any more: it is what an interrupted `up` leaves.
      await sql(`DROP ROLE ${username}`);
      await sql(make);
      await deploy(userProviderFor(serverUrl()), args);
    },
  );

  it.runIf(serverHas("limitedCreateRole"))(
    "who adopts a role is told who else may alter it, by name, and not that superusers may",
    async () => {
      const squatter = await createAdmin("CREATEROLE");
      const username = name();
      await query(squatter.url, `CREATE ROLE ${username} LOGIN PASSWORD 'theirs'`);
      const admin = await createAdmin(rights);
      await sql(`GRANT ${username} TO ${admin.user} WITH ADMIN OPTION`);
      await sql(`GRANT ${username} TO ${(await createAdmin("SUPERUSER")).user} WITH ADMIN OPTION`);
      await sql(`GRANT ${username} TO ${(await createAdmin("NOCREATEROLE")).user}`);

      await check(userProviderFor(admin.url), {}, { username, password: "pw", adopt: true });

      expect(lines()).toContain(`can be altered by ${squatter.user} as well;`);
    },
  );

  it("a role that was dropped and made again by somebody else is not ours, whatever its name", async () => {
    const provider = await ours();
    const username = name();
    const args = { username, password: "pw", owner };
    const state = await deploy(provider, args);
    await sql(`DROP ROLE ${username}`);
    await sql(`CREATE ROLE ${username} LOGIN CREATEDB PASSWORD 'theirs'`);
    const theirs = { role: await roleNamed(username), hash: await storedHash(username) };

    const another = new RegExp(
      `user "${username}" .* is gone; the role of that name there now is another one`,
    );
    expect(await provider.read(username, state)).toEqual({ id: "", props: {}, inputs: {} });
    expect(lines()).toMatch(another);
    said.mockClear();

    const inputs = await check(provider, inputsOf(state), { ...args, password: "next" });
    await expect(provider.update(username, state, inputs)).rejects.toThrow(
      /it exists already on .*adopt: true/,
    );
    expect(lines()).toMatch(another);
    said.mockClear();

    await provider.delete(username, state);
    expect(lines()).toMatch(another);
    expect(lines()).toMatch(/and is left in place/);
    expect({ role: await roleNamed(username), hash: await storedHash(username) }).toEqual(theirs);
  });

  it("a stack that was given the old name of another one takes nothing of it over", async () => {
    const username = name();
    const args = { username, password: "pw", owner };
    const renamed = await deploy(await ours(), args);

    await expect(deploy(await ours(), { ...args, password: "new" })).rejects.toThrow(/it exists already/);

    expect(await storedHash(username)).toBe(renamed.verifier);
  });
});

it("a role that somebody renames while it is to be dropped is not called dropped", async () => {
  const admin = await createAdmin("SUPERUSER");
  const wire = await wireTo(admin.url);
  const provider = userProviderFor(wire.url);
  const [leaver, hidden] = [name("leaver"), name("hidden")];
  const state = await deploy(provider, { username: leaver, password: "pw" });
  wire.onStatement(async (_number, statement, when) => {
    if (when === "before" && statement.startsWith("DROP ROLE"))
      await sql(`ALTER ROLE ${leaver} RENAME TO ${hidden}`);
  });

  await expect(provider.delete(leaver, state)).rejects.toThrow(
    `role "${leaver}" was renamed to "${hidden}" while it was to be dropped`,
  );

  wire.onStatement(() => {});
  await provider.delete(leaver, state);
  expect(await roleNamed(hidden)).toBeUndefined();
});

describe("the connection leads to another server, whose role of that name has the same oid by chance", () => {
  const elsewhere = (state: Props): Props => ({
    ...state,
    identity: { ...(state.identity as Props), cluster: "7000000000000000001" },
  });
  const refusal =
    /is not the server that user "\w+" was created on, and has a role of that name; correct the connection/;

  it.each(["SUPERUSER", "CREATEROLE"] as const)(
    "with %s: it is neither changed nor dropped, nor read as ours",
    async (rights) => {
      const provider = userProviderFor((await createAdmin(rights)).url);
      const args = { username: name(), password: "pw", owner };
      const there = elsewhere(await deploy(provider, args));
      await sql(`ALTER ROLE ${args.username} PASSWORD 'theirs'`);
      const theirs = await storedHash(args.username);

      const inputs = await check(provider, inputsOf(there), { ...args, connectionLimit: 3 });
      await expect(provider.update("id", there, inputs)).rejects.toThrow(refusal);
      await expect(provider.read("id", there)).rejects.toThrow(refusal);
      await expect(provider.delete("id", there)).rejects.toThrow(refusal);

      expect(await storedHash(args.username)).toBe(theirs);
    },
  );

  it.each(["SUPERUSER", "CREATEROLE"] as const)(
    "with %s: one that holds the recorded verifier is ours, as after an upgrade in place, and recorded as what it is",
    async (rights) => {
      const provider = userProviderFor((await createAdmin(rights)).url);
      const state = await deploy(provider, { username: name(), password: "pw", owner });

      const { props } = await provider.read("id", elsewhere(state));
      expect(props.identity).toEqual(state.identity);
      await provider.delete("id", elsewhere(state));

      expect(await storedHash(String(state.username))).toBeUndefined();
    },
  );

  it("with CREATEROLE: a copied salt under another oid proves nothing", async () => {
    const provider = userProviderFor((await createAdmin("CREATEROLE")).url);
    const there = elsewhere(await deploy(provider, { username: name(), password: "pw", owner }));
    const state = { ...there, identity: { ...(there.identity as Props), oid: "1" } };

    await expect(provider.delete("id", state)).rejects.toThrow(
      /is not the server that user "\w+" was created on, and its role of that name asks for the recorded salt; if it was restored/,
    );
  });
});
