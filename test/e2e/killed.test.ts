import { randomBytes, randomUUID } from "node:crypto";
import { expect, it, onTestFinished } from "vitest";
import { descendants } from "../support/processes";
import { createAdmin, login, sql, storedHash } from "../support/server";
import { Stack } from "../support/stack";
import { type When, wireTo } from "../support/wire";

/** Users, declared by what the environment says. */
const PROGRAM = `
  const { ScramUser } = require("pulumi-scram");
  for (const { username, ...args } of JSON.parse(process.env.USERS)) new ScramUser(username, args);
`;

interface Kill {
  readonly what: string;
  /** A part of the statement that is the user's own; `COMMIT` for the one that follows its password. */
  readonly at: (user: string) => string;
  readonly when: When;
}

const CREATE: readonly Kill[] = [
  { what: "before CREATE ROLE", at: (user) => `CREATE ROLE "${user}"`, when: "before" },
  { what: "after CREATE ROLE", at: (user) => `CREATE ROLE "${user}"`, when: "after" },
  { what: "after GRANT", at: (user) => `TO "${user}"`, when: "after" },
  { what: "after ALTER ROLE … SET", at: (user) => `"${user}" SET`, when: "after" },
  { what: "before the password", at: (user) => `"${user}" PASSWORD`, when: "before" },
  { what: "after the password", at: (user) => `"${user}" PASSWORD`, when: "after" },
  { what: "before COMMIT", at: () => "COMMIT", when: "before" },
  { what: "after COMMIT", at: () => "COMMIT", when: "after" },
];

const UPDATE: readonly Kill[] = [
  { what: "after the new password", at: (user) => `"${user}" PASSWORD`, when: "after" },
  { what: "before COMMIT of the new password", at: () => "COMMIT", when: "before" },
  { what: "after COMMIT of the new password", at: () => "COMMIT", when: "after" },
];

const DELETE: readonly Kill[] = [
  { what: "before DROP ROLE", at: (user) => `DROP ROLE IF EXISTS "${user}"`, when: "before" },
  { what: "after DROP ROLE", at: (user) => `DROP ROLE IF EXISTS "${user}"`, when: "after" },
];

/** A stack of users whose provider can be killed. */
async function killableStack() {
  const stack = await Stack.create(PROGRAM);
  const admin = await createAdmin("CREATEROLE");
  const wire = await wireTo(admin.url);
  const suffix = randomUUID().slice(0, 8);
  const group = `group_${suffix}`;
  await sql(`CREATE ROLE ${group}`);
  await sql(`GRANT ${group} TO ${admin.user} WITH ADMIN OPTION`);
  onTestFinished(async () => void (await sql(`DROP ROLE ${group}`)));

  /** As declared, by name. */
  const users = new Map<string, { readonly password: string; readonly saltSeed?: string; adopt?: true }>();
  const environment = () => ({
    SCRAM_DATABASE_URL: wire.url,
    USERS: JSON.stringify(
      [...users].map(([username, args]) => ({
        username,
        memberOf: [group],
        settings: { statement_timeout: "5s" },
        ...args,
      })),
    ),
  });

  /** An `up` whose provider is killed when the statement passes, and cut off so that nothing more of it gets through. */
  async function upKilledAt({ what, at, when }: Kill, user: string): Promise<void> {
    let armed = at(user) !== "COMMIT";
    let killed = 0;
    const strike = (text: string, now: When) => {
      // The first COMMIT after the user's own password is the one of its transaction.
      if (text.includes(`"${user}" PASSWORD`)) armed = true;
      if (!armed || killed > 0 || now !== when || !text.includes(at(user))) return;
      for (const pid of descendants("cmd/dynamic-provider")) {
        process.kill(pid, "SIGKILL");
        killed++;
      }
      wire.cut({ at: at(user), when });
    };
    wire.onStatement((_number, text, now) => strike(text, now));
    await stack.fail(["up", "--yes", "--skip-preview"], environment());
    wire.onStatement(() => {});
    expect(killed, what).toBe(1);
  }

  const name = (i: number) => `user${i}_${suffix}`;
  return { stack, group, users, environment, upKilledAt, name };
}

it("the provider process killed anywhere in an up: with a saltSeed of one's own, the next up brings about what is declared", async () => {
  const { stack, group, users, environment, upKilledAt, name } = await killableStack();
  const saltSeed = randomBytes(32).toString("base64");

  // Every up but the first also makes good what the kill before it left.
  let kills = 0;
  for (const kill of CREATE) {
    users.set(name(kills), { password: "Canary-first", saltSeed });
    await upKilledAt(kill, name(kills));
    kills++;
  }
  for (const [i, kill] of UPDATE.entries()) {
    users.set(name(i), { password: "Canary-second", saltSeed });
    await upKilledAt(kill, name(i));
    kills++;
  }
  await stack.up(environment());
  for (const [user, { password }] of users) expect(await login(user, password)).toBe(user);
  expect(await groupOf([...users.keys()])).toEqual(new Set([group]));

  for (const [i, kill] of DELETE.entries()) {
    users.delete(name(i));
    await upKilledAt(kill, name(i));
    kills++;
  }
  await stack.up(environment());
  expect(await storedHash(name(0))).toBeUndefined();
  expect(await storedHash(name(1))).toBeUndefined();
  expect(await stack.preview(environment())).toContain(`${users.size + 1} unchanged`);
  console.log(`${kills} kills of the provider process during up, each followed by an up that repaired it`);
  await stack.succeed(["destroy", "--yes"], environment());
  expect(await groupOf([...users.keys()])).toEqual(new Set());
}, 240_000);

it("without one: the next up does, or says that the role exists already, and then `adopt: true` for one up", async () => {
  const { stack, group, users, environment, upKilledAt, name } = await killableStack();
  const takenOver: string[] = [];

  for (const [i, kill] of CREATE.entries()) {
    const user = name(i);
    users.set(user, { password: "Canary-first" });
    await upKilledAt(kill, user);
    const { code, output } = await stack.run(["up", "--yes", "--skip-preview"], environment());
    if (code === 0) continue;
    expect(output).toMatch(
      new RegExp(`could not create role "${user}": it exists already on .*declare \`adopt: true\``),
    );
    users.set(user, { password: "Canary-first", adopt: true });
    expect(await stack.up(environment())).toContain(`user "${user}" is on`);
    users.set(user, { password: "Canary-first" });
    takenOver.push(kill.what);
  }
  await stack.up(environment());

  // Only there was the role made, and not recorded.
  expect(takenOver).toEqual(["after COMMIT"]);
  for (const [user, { password }] of users) expect(await login(user, password)).toBe(user);
  expect(await groupOf([...users.keys()])).toEqual(new Set([group]));
  expect(await stack.preview(environment())).toContain(`${users.size + 1} unchanged`);
  await stack.succeed(["destroy", "--yes"], environment());
  expect(await groupOf([...users.keys()])).toEqual(new Set());
}, 240_000);

async function groupOf(users: readonly string[]): Promise<Set<string>> {
  const rows = await sql<{ name: string }>(
    "SELECT g.rolname::text AS name FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles u ON u.oid = m.member WHERE u.rolname = ANY ($1)",
    [users],
  );
  return new Set(rows.map(({ name }) => name));
}
