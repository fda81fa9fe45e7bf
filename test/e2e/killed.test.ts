import { randomUUID } from "node:crypto";
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

it("the provider process killed anywhere in an up: the next up brings about what is declared", async () => {
  const stack = await Stack.create(PROGRAM);
  const admin = await createAdmin("CREATEROLE");
  const wire = await wireTo(admin.url);
  const suffix = randomUUID().slice(0, 8);
  const group = `group_${suffix}`;
  await sql(`CREATE ROLE ${group}`);
  await sql(`GRANT ${group} TO ${admin.user} WITH ADMIN OPTION`);
  onTestFinished(async () => void (await sql(`DROP ROLE ${group}`)));

  const passwords = new Map<string, string>();
  const environment = () => ({
    SCRAM_DATABASE_URL: wire.url,
    USERS: JSON.stringify(
      [...passwords].map(([username, password]) => ({
        username,
        password,
        memberOf: [group],
        settings: { statement_timeout: "5s" },
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

  // Every up but the first also makes good what the kill before it left.
  let kills = 0;
  for (const kill of CREATE) {
    const user = `user${kills}_${suffix}`;
    passwords.set(user, "first");
    await upKilledAt(kill, user);
    kills++;
  }
  for (const [i, kill] of UPDATE.entries()) {
    const user = `user${i}_${suffix}`;
    passwords.set(user, "second");
    await upKilledAt(kill, user);
    kills++;
  }
  await stack.up(environment());
  for (const [user, password] of passwords) expect(await login(user, password)).toBe(user);
  expect(await groupOf([...passwords.keys()])).toEqual(new Set([group]));

  for (const [i, kill] of DELETE.entries()) {
    const user = `user${i}_${suffix}`;
    passwords.delete(user);
    await upKilledAt(kill, user);
    kills++;
  }
  await stack.up(environment());
  expect(await storedHash(`user0_${suffix}`)).toBeUndefined();
  expect(await storedHash(`user1_${suffix}`)).toBeUndefined();
  expect(await stack.preview(environment())).toContain(`${passwords.size + 1} unchanged`);
  console.log(`${kills} kills of the provider process during up, each followed by an up that repaired it`);
  await stack.succeed(["destroy", "--yes"], environment());
  expect(await groupOf([...passwords.keys()])).toEqual(new Set());
}, 240_000);

async function groupOf(users: readonly string[]): Promise<Set<string>> {
  const rows = await sql<{ name: string }>(
    "SELECT g.rolname::text AS name FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles u ON u.oid = m.member WHERE u.rolname = ANY ($1)",
    [users],
  );
  return new Set(rows.map(({ name }) => name));
}
