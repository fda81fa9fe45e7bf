import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { login, serverUrl, sql } from "../support/server";
import { Stack } from "../support/stack";
import { query } from "../support/targets";

interface Credentials {
  readonly username: string;
  readonly password: string;
}

const PROGRAM = `
  const pulumi = require("@pulumi/pulumi");
  const random = require("@pulumi/random");
  const { AlternatingUsers, ScramUser } = require("pulumi-scram");
  const { name, rotation, retireAfter, single } = JSON.parse(process.env.ARGS);
  const password = (username, turn) => new random.RandomPassword(username, { length: 32, keepers: { turn } }).result;
  if (single) {
    const secret = password(name, rotation);
    const user = new ScramUser(name, { password: secret });
    // Known when the server has it.
    exports.current = { username: user.username, password: pulumi.all([secret, user.generation]).apply(([it]) => it) };
  } else {
    const app = new AlternatingUsers(name, { rotation, retireAfter, password });
    exports.current = app.current;
    exports.owner = app.owner;
  }
`;
const env = (args: object) => ({ SCRAM_DATABASE_URL: serverUrl(), ARGS: JSON.stringify(args) });

function urlOf(username: string, password: string): string {
  return Object.assign(new URL(serverUrl()), { username, password: encodeURIComponent(password) }).href;
}

async function credentialsOf(stack: Stack): Promise<Credentials> {
  const { stdout } = await stack.project.run(["stack", "output", "--show-secrets", "--json", "current"]);
  return JSON.parse(stdout);
}

/** An application that logs in every 50 ms and reads its credentials anew every second. */
function startApplication(store: () => Credentials) {
  let [logins, failures, reads] = [0, 0, 0];
  let running = true;
  let credentials = store();
  const reading = setInterval(() => {
    credentials = store();
    reads++;
  }, 1_000);
  const loggingIn = (async () => {
    while (running) {
      const { username, password } = credentials;
      await login(username, password).then(
        () => logins++,
        () => failures++,
      );
      await setTimeout(50);
    }
  })();
  return {
    /** Resolves when it has read its credentials since. */
    async hasRead() {
      const before = reads;
      while (reads === before) await setTimeout(20);
    },
    async stop() {
      running = false;
      clearInterval(reading);
      await loggingIn;
      return { logins, failures };
    },
  };
}

/** Rotates ten times under the application, which finds what was deployed last in its store. */
async function rotateUnderLogins(single: boolean) {
  const stack = await Stack.create(PROGRAM);
  const name = `app_${randomUUID().slice(0, 8)}`;
  const args = (rotation: number) => env({ name, rotation, single });
  await stack.up(args(1));
  let stored = await credentialsOf(stack);
  const application = startApplication(() => stored);
  for (let rotation = 2; rotation <= 11; rotation++) {
    await stack.up(args(rotation));
    stored = await credentialsOf(stack);
    await application.hasRead();
  }
  const counted = await application.stop();
  await stack.succeed(["destroy", "--yes"], args(11));
  return counted;
}

it("ten rotations under an application that logs in all the time: no login fails; with a single user, logins do", async () => {
  const [alternating, single] = await Promise.all([rotateUnderLogins(false), rotateUnderLogins(true)]);

  console.log(`alternating: ${JSON.stringify(alternating)}; a single user: ${JSON.stringify(single)}`);
  expect(alternating).toEqual({ logins: expect.any(Number), failures: 0 });
  expect(alternating.logins).toBeGreaterThan(100);
  expect(single.failures).toBeGreaterThan(0);
}, 240_000);

it("a rotation shows the idle role's new password and nothing of the current one; what either makes belongs to the owner", async () => {
  const stack = await Stack.create(PROGRAM);
  const name = `app_${randomUUID().slice(0, 8)}`;
  const args = (rotation: string, retireAfter?: string) => env({ name, rotation, retireAfter });
  await stack.up(args("2026-10"));
  const before = await credentialsOf(stack);
  expect(before.username).toBe(`${name}_a`);

  const preview = await stack.changes(args("2026-11"));
  expect(preview).toMatch(/~ turn\s*: 1 => 2/);
  expect(preview).toMatch(new RegExp(`\\[urn=\\S+scram:User::${name}_b\\]\\s*~ generation\\s*: 1 => `));
  expect(preview).not.toMatch(new RegExp(`scram:User::${name}_a\\]`));
  await stack.up(args("2026-11"));
  const after = await credentialsOf(stack);

  expect(after.username).toBe(`${name}_b`);
  await sql(`CREATE SCHEMA ${name} AUTHORIZATION ${name}`);
  for (const { username, password } of [before, after])
    await query(urlOf(username, password), `CREATE TABLE ${name}.made_by_${username} ()`);
  expect(await sql("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = $1", [name])).toEqual([
    { tableowner: name },
  ]);
  await sql(`DROP SCHEMA ${name} CASCADE`);
  await stack.succeed(["preview", "--expect-no-changes"], args("2026-11"));
  await stack.succeed(["refresh", "--yes", "--skip-preview", "--expect-no-changes"], args("2026-11"));

  // The one before can be told when to end; it is in force again when its turn comes.
  const end = "2099-01-01T00:00:00Z";
  await stack.up(args("2026-11", end));
  const limited = () =>
    sql("SELECT rolname FROM pg_roles WHERE starts_with(rolname, $1) AND rolvaliduntil < 'infinity'", [name]);
  expect(await limited()).toEqual([{ rolname: `${name}_a` }]);
  await stack.up(args("2026-12", end));
  expect(await limited()).toEqual([{ rolname: `${name}_b` }]);

  expect(stack.files() + stack.transcript).not.toContain(after.password);
  await stack.succeed(["destroy", "--yes"], args("2026-12"));
  expect(await sql("SELECT 1 FROM pg_roles WHERE starts_with(rolname, $1)", [name])).toEqual([]);
});
