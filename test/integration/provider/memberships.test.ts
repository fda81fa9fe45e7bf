import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Props, Provider } from "../../../src/provider/protocol/wire";
import { check, deploy, inputsOf, unwrap, userProviderFor } from "../../support/engine-side";
import { createAdmin, serverUrl, sql } from "../../support/server";
import { serverHas } from "../../support/server-version";
import { forEachTarget, query } from "../../support/targets";

const name = (stem = "app") => `${stem}_${randomUUID().slice(0, 8)}`;
const said = vi.spyOn(console, "error").mockImplementation(() => {});
afterEach(() => said.mockClear());

async function update(provider: Provider, state: Props, args: Props) {
  const inputs = await check(provider, inputsOf(state), args);
  return unwrap((await provider.update("id", state, inputs)).outs);
}

/** What `pulumi refresh` finds; `quiet` when the next preview is empty. */
async function refresh(provider: Provider, state: Props, args: Props) {
  const { props, inputs } = await provider.read("id", state);
  const next = await check(provider, unwrap(inputs), args);
  return {
    outputs: unwrap(props),
    quiet:
      JSON.stringify(Object.entries(next).sort()) === JSON.stringify(Object.entries(unwrap(inputs)).sort()),
  };
}

forEachTarget((target) => {
  const adminOf = (group: string) =>
    target.sql<{ admin: boolean }>(
      "SELECT bool_or(m.admin_option) AS admin FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid WHERE r.rolname = $1",
      [group],
    );

  it("ADMIN is given, taken and given back; by hand it is drift", async () => {
    const provider = userProviderFor(target.url);
    const group = name("group");
    await target.sql(`CREATE ROLE ${group}`);
    const args = { username: name(), password: "pw", memberOf: [{ role: group, admin: true }] };

    let state = await deploy(provider, args);
    expect(await adminOf(group)).toEqual([{ admin: true }]);
    expect(await refresh(provider, state, args)).toMatchObject({ quiet: true, outputs: state });

    const plain = { ...args, memberOf: [group] };
    state = await update(provider, state, plain);
    expect(state.memberOf).toEqual([group]);
    expect(await adminOf(group)).toEqual([{ admin: false }]);

    await target.sql(`GRANT ${group} TO ${args.username} WITH ADMIN OPTION`);
    const found = await refresh(provider, state, plain);
    expect(found).toMatchObject({ quiet: false, outputs: { memberOf: [{ role: group, admin: true }] } });
    await update(provider, found.outputs, plain);
    expect(await adminOf(group)).toEqual([{ admin: false }]);
  });

  it.each<[string, Props[string], RegExp]>([
    ["a number", [5], /must be a list of names of roles/],
    ["a misspelt option", [{ role: "g", admins: true }], /must be a list of names of roles/],
    ["no role", [{ admin: true }], /must be a list of names of roles/],
    ["an option that is a word", [{ role: "g", admin: "yes" }], /which are true or false/],
    ["one role twice, and not the same", ["g", { role: "g", admin: true }], /names "g" twice/],
    ["itself", [{ role: "app", admin: true }], /names the role itself/],
  ])("refused in the preview: %s", async (_case, memberOf, sentence) => {
    const declared = check(userProviderFor(target.url), {}, { username: "app", password: "pw", memberOf });
    await expect(declared).rejects.toThrow(sentence);
  });

  it("the usual options need not be given: their states are the same", async () => {
    const usual = ["g", { role: "h", admin: false, set: true }, "g"];
    const { memberOf } = await check(
      userProviderFor(target.url),
      {},
      { username: "app", password: "pw", memberOf: usual },
    );
    expect(memberOf).toEqual(["g", "h"]);
  });

  it.runIf(target.product === "cockroachdb")("INHERIT and SET are refused, with the reason", async () => {
    const group = name("group");
    await target.sql(`CREATE ROLE ${group}`);
    const args = { username: name(), password: "pw", memberOf: [{ role: group, inherit: false }] };
    await expect(deploy(userProviderFor(target.url), args)).rejects.toThrow(
      /the option inherit; only PostgreSQL 16 and later have it/,
    );
  });
});

it.runIf(!serverHas("membershipOptions"))("INHERIT and SET are refused by an older server", async () => {
  const group = name("group");
  await sql(`CREATE ROLE ${group}`);
  const args = { username: name(), password: "pw", memberOf: [{ role: group, inherit: false }] };
  await expect(deploy(userProviderFor(serverUrl()), args)).rejects.toThrow(
    /may not have an option that is declared/,
  );
});

it.runIf(!serverHas("membershipOptions"))(
  "before, whoever makes roles is granted none of them: ADMIN by hand is drift",
  async () => {
    const provider = userProviderFor(serverUrl());
    const group = name("group");
    await sql(`CREATE ROLE ${group}`);
    const args = { username: name(), password: "pw", createRole: true, memberOf: [group] };
    const state = await deploy(provider, args);
    await sql(`GRANT ${group} TO ${args.username} WITH ADMIN OPTION`);
    const found = await refresh(provider, state, args);
    expect(found.outputs.memberOf).toEqual([{ role: group, admin: true }]);
    expect((await update(provider, found.outputs, args)).memberOf).toEqual([group]);
  },
);

describe.runIf(serverHas("membershipOptions"))("since PostgreSQL 16", () => {
  const provider = () => userProviderFor(serverUrl());
  const optionsOf = (member: string) =>
    sql(
      `SELECT r.rolname AS role, bool_or(admin_option) AS admin, bool_or(inherit_option) AS inherit, bool_or(set_option) AS set
       FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid WHERE member = $1::regrole GROUP BY 1 ORDER BY 1`,
      [member],
    );

  describe.each([
    ["SUPERUSER", "''"],
    ["CREATEROLE", "''"],
    ["CREATEROLE", "'set, inherit'"],
  ] as const)(
    "a role that makes roles, under an administrator with %s, createrole_self_grant = %s",
    (rights, selfGrant) => {
      it("keeps its power over them: that it was granted them is the server's doing, and no membership to revoke", async () => {
        const admin = await createAdmin(rights);
        const group = name("group");
        await query(admin.url, `CREATE ROLE ${group}`);
        const args = { username: name("creator"), password: "pw", createRole: true, memberOf: [group] };
        const state = await deploy(userProviderFor(admin.url), args);
        await sql(`ALTER ROLE ${args.username} SET createrole_self_grant = ${selfGrant}`);
        const made = name("made");
        await query(serverUrl(args.username, "pw"), `CREATE ROLE ${made}`);

        const found = await refresh(userProviderFor(admin.url), state, args);
        expect(found).toMatchObject({ quiet: true, outputs: state });
        await update(userProviderFor(admin.url), found.outputs, {
          ...args,
          validUntil: "2099-01-01T00:00:00Z",
        });

        await query(serverUrl(args.username, "pw"), `ALTER ROLE ${made} NOLOGIN; DROP ROLE ${made}`);
      });
    },
  );

  it("`inherit` of the role goes for its memberships, and back", async () => {
    const group = name("group");
    await sql(`CREATE ROLE ${group}`);
    const args = { username: name(), password: "pw", memberOf: [group] };
    let state = await deploy(provider(), args);
    for (const inherit of [false, true]) {
      state = await update(provider(), state, { ...args, inherit });
      expect(await optionsOf(args.username)).toEqual([{ role: group, admin: false, inherit, set: true }]);
      expect(await refresh(provider(), state, { ...args, inherit })).toMatchObject({ quiet: true });
    }
  });

  it("options that are declared are kept; by hand they are drift, whoever granted", async () => {
    const [reader, writer] = [name("a_reader"), name("b_writer")] as [string, string];
    for (const group of [reader, writer]) await sql(`CREATE ROLE ${group}`);
    const declared = [
      { role: reader, inherit: false },
      { role: writer, set: false, admin: true },
    ];
    const args = { username: name(), password: "pw", memberOf: declared };
    const state = await deploy(provider(), args);
    const options = [
      { role: reader, admin: false, inherit: false, set: true },
      { role: writer, admin: true, inherit: true, set: false },
    ];
    expect(await optionsOf(args.username)).toEqual(options);
    expect(await refresh(provider(), state, args)).toMatchObject({ quiet: true, outputs: state });

    await sql(`GRANT ${reader} TO ${args.username} WITH INHERIT TRUE, SET FALSE`);
    const other = await createAdmin("CREATEROLE");
    await sql(`GRANT ${writer} TO ${other.user} WITH ADMIN OPTION`);
    await query(other.url, `GRANT ${writer} TO ${args.username} WITH SET TRUE`);
    const found = await refresh(provider(), state, args);
    expect(found.outputs.memberOf).toEqual([
      { role: reader, set: false },
      { role: writer, admin: true },
    ]);

    await update(provider(), found.outputs, args);
    expect(await optionsOf(args.username)).toEqual(options);
  });

  it("what a member with ADMIN and CREATEROLE grants itself is seen and taken back: the server did not make that", async () => {
    const group = name("group");
    await sql(`CREATE ROLE ${group}`);
    const memberOf = [{ role: group, admin: true, inherit: false, set: false }];
    const args = { username: name(), password: "pw", createRole: true, memberOf };
    const state = await deploy(provider(), args);
    const grantItself = () =>
      query(serverUrl(args.username, "pw"), `GRANT ${group} TO ${args.username} WITH INHERIT TRUE, SET TRUE`);
    await grantItself();

    const found = await refresh(provider(), state, args);
    expect(found.outputs.memberOf).toEqual([{ role: group, admin: true }]);
    await update(provider(), found.outputs, args);
    expect(await optionsOf(args.username)).toEqual([
      { role: group, admin: true, inherit: false, set: false },
    ]);
  });

  it("nor a membership that somebody else granted and that is not declared", async () => {
    const group = name("group");
    const other = await createAdmin("CREATEROLE");
    await query(other.url, `CREATE ROLE ${group}`);
    const args = { username: name(), password: "pw", createRole: true, memberOf: [] };
    const state = await deploy(provider(), args);
    await query(other.url, `GRANT ${group} TO ${args.username} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
    await query(serverUrl(args.username, "pw"), `GRANT ${group} TO ${args.username} WITH INHERIT TRUE`);

    const found = await refresh(provider(), state, args);
    expect(found.quiet).toBe(false);
    await update(provider(), found.outputs, args);
    expect(await optionsOf(args.username)).toEqual([]);
  });

  it("of a plain membership, `with inherit false, set false` by hand is seen and mended", async () => {
    const group = name("group");
    await sql(`CREATE ROLE ${group}`);
    const args = { username: name(), password: "pw", memberOf: [group] };
    const state = await deploy(provider(), args);
    await sql(`GRANT ${group} TO ${args.username} WITH INHERIT FALSE, SET FALSE`);

    const found = await refresh(provider(), state, args);
    expect(found.outputs.memberOf).toEqual([{ role: group, inherit: false, set: false }]);
    await update(provider(), found.outputs, args);
    expect(await optionsOf(args.username)).toEqual([{ role: group, admin: false, inherit: true, set: true }]);
  });
});

it.runIf(serverHas("membershipOptions"))(
  "ADMIN that others depend on is not taken, and the message names them",
  async () => {
    const provider = userProviderFor(serverUrl());
    const [group, other] = [name("group"), name("other")] as [string, string];
    for (const role of [group, other]) await sql(`CREATE ROLE ${role}`);
    const args = { username: name(), password: "pw", memberOf: [{ role: group, admin: true }] };
    const state = await deploy(provider, args);
    await query(serverUrl(args.username, "pw"), `GRANT ${group} TO ${other}`);

    for (const memberOf of [[group], []])
      await expect(update(provider, state, { ...args, memberOf })).rejects.toThrow(
        `it has granted "${group}" to "${other}", who would lose it with its own ADMIN on "${group}"`,
      );
  },
);
