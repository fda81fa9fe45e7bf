import { randomBytes, randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { createAdmin, login, serverUrl, sql, storedHash } from "../support/server";
import { Stack } from "../support/stack";

/** Users, declared by what the environment says. */
const PROGRAM = `
  const { ScramUser } = require("pulumi-scram");
  for (const [name, args] of Object.entries(JSON.parse(process.env.USERS))) new ScramUser(name, args);
`;
const env = (users: object, url = serverUrl()) => ({
  SCRAM_DATABASE_URL: url,
  USERS: JSON.stringify(users),
});
const name = () => `cmd_${randomUUID().slice(0, 8)}`;

it("preview --save-plan, up --plan: with a saltSeed, the plan is kept to, and holds no password", async () => {
  const stack = await Stack.create(PROGRAM);
  const user = name();
  const saltSeed = randomBytes(32).toString("base64");
  const planned = env({ [user]: { password: "Canary-planned", saltSeed } });

  await stack.succeed(["preview", "--save-plan", "plan.json"], planned);
  expect(stack.read("plan.json")).not.toContain("Canary");
  const other = env({ [user]: { password: "Canary-other", saltSeed } });
  expect(await stack.fail(["up", "--yes", "--skip-preview", "--plan", "plan.json"], other)).toContain(
    "violates plan",
  );
  expect(await storedHash(user)).toBeUndefined();
  await stack.succeed(["up", "--yes", "--skip-preview", "--plan", "plan.json"], planned);

  expect(await login(user, "Canary-planned")).toBe(user);
});

it("up --plan of a new user without a saltSeed: the engine refuses what was drawn anew", async () => {
  const stack = await Stack.create(PROGRAM);
  const user = name();
  const planned = env({ [user]: { password: "Canary-planned" } });
  await stack.succeed(["preview", "--save-plan", "plan.json"], planned);

  expect(await stack.fail(["up", "--yes", "--skip-preview", "--plan", "plan.json"], planned)).toMatch(
    /violates plan: properties changed: .*saltSeed/,
  );
  expect(await storedHash(user)).toBeUndefined();
});

it("preview --save-plan while the Provider's connection is not known: the password is in the plan, encrypted", async () => {
  const user = name();
  const stack = await Stack.create(`
    const { RandomBytes } = require("@pulumi/random");
    const { ScramUser, Provider } = require("pulumi-scram");
    const connection = new RandomBytes("server", { length: 8 }).hex.apply(() => process.env.ADMIN);
    const provider = new Provider("server", { connection });
    new ScramUser("${user}", { password: "Canary-planned" }, { provider });
  `);

  await stack.succeed(["preview", "--save-plan", "plan.json"], { ADMIN: serverUrl() });

  const plan = stack.read("plan.json");
  expect(plan).not.toContain("Canary");
  const { resourcePlans } = JSON.parse(plan);
  const [planned] = Object.entries<{ goal: { inputDiff: { adds: object } } }>(resourcePlans).filter(([urn]) =>
    urn.endsWith(`::${user}`),
  );
  expect(planned?.[1].goal.inputDiff.adds).toMatchObject({ password: { ciphertext: expect.any(String) } });
});

it("up --refresh puts right what was changed by hand, in one command", async () => {
  const stack = await Stack.create(PROGRAM);
  const user = name();
  const args = env({ [user]: { password: "Canary-declared" } });
  await stack.up(args);
  await sql(`ALTER ROLE ${user} NOLOGIN PASSWORD 'by hand'`);

  await stack.succeed(["up", "--yes", "--skip-preview", "--refresh"], args);

  expect(await login(user, "Canary-declared")).toBe(user);
});

it("refresh --run-program takes the administrator's new password, which the recorded Provider does not have", async () => {
  const stack = await Stack.create(`
    const { Provider, ScramUser } = require("pulumi-scram");
    const provider = new Provider("server", { connection: process.env.ADMIN });
    new ScramUser(process.env.USERNAME, { password: "Canary-declared" }, { provider });
  `);
  const admin = await createAdmin("CREATEROLE");
  const user = name();
  await stack.up({ ADMIN: admin.url, USERNAME: user });
  await sql(`ALTER ROLE ${admin.user} PASSWORD 'Canary-rotated'`);
  const rotated = new URL(admin.url);
  rotated.password = "Canary-rotated";
  const now = { ADMIN: rotated.href, USERNAME: user };
  await sql(`ALTER ROLE ${user} NOLOGIN`);

  expect(await stack.fail(["refresh", "--yes", "--skip-preview"], now)).toContain("refused the password");
  await stack.succeed(["refresh", "--yes", "--skip-preview", "--run-program"], now);

  expect((await stack.resource(user)).outputs).toMatchObject({ login: false });
  await stack.succeed(["destroy", "--yes", "--run-program"], now);
  expect(await storedHash(user)).toBeUndefined();
});

it("--target changes one user, and leaves the other for later", async () => {
  const stack = await Stack.create(PROGRAM);
  const [one, other] = [name(), name()];
  const both = (password: string) => env({ [one]: { password }, [other]: { password } });
  await stack.up(both("Canary-first"));

  await stack.succeed(["up", "--yes", "--skip-preview", "--target", `**${one}`], both("Canary-second"));
  expect(await login(one, "Canary-second")).toBe(one);
  expect(await login(other, "Canary-first")).toBe(other);

  expect(await stack.up(both("Canary-second"))).toMatch(/1 updated/);
  expect(await login(other, "Canary-second")).toBe(other);
  await stack.succeed(["destroy", "--yes", "--target", `**${one}`], both("Canary-second"));
  expect(await storedHash(one)).toBeUndefined();
  expect(await login(other, "Canary-second")).toBe(other);
});

it("stack rename: the users stay as they are, and stay the stack's own", async () => {
  const stack = await Stack.create(PROGRAM);
  const user = name();
  const args = env({ [user]: { password: "Canary-pw" } });
  await stack.up(args);
  const hash = await storedHash(user);

  await stack.succeed(["stack", "rename", "production"]);

  await stack.succeed(["preview", "--expect-no-changes"], args);
  await stack.up(args);
  expect(await storedHash(user)).toBe(hash);
  await stack.succeed(["destroy", "--yes"], args);
  expect(await storedHash(user)).toBeUndefined();
});

it("state move: the user goes from stack to stack, and the one it left does not drop it", async () => {
  const stack = await Stack.create(PROGRAM);
  const [moved, stays] = [name(), name()];
  const one = (user: string, password = "Canary-pw") => env({ [user]: { password } });
  await stack.up(env({ [moved]: { password: "Canary-pw" }, [stays]: { password: "Canary-pw" } }));
  const hash = await storedHash(moved);
  const { urn } = await stack.resource(moved);

  await stack.succeed(["stack", "init", "other"]);
  await stack.succeed(["state", "move", "--yes", "--source", "dev", "--dest", "other", urn]);

  await stack.succeed(["up", "--yes", "--skip-preview", "--stack", "dev"], one(stays));
  expect(await storedHash(moved)).toBe(hash);
  await stack.succeed(["preview", "--stack", "other", "--diff", "--expect-no-changes"], one(moved));
  await stack.succeed(["up", "--yes", "--skip-preview", "--stack", "other"], one(moved, "Canary-rotated"));
  expect(await login(moved, "Canary-rotated")).toBe(moved);
  await stack.succeed(["destroy", "--yes", "--stack", "dev"], env({}));
  expect(await login(moved, "Canary-rotated")).toBe(moved);
  await stack.succeed(["destroy", "--yes", "--stack", "other"], env({}));
  expect(await storedHash(moved)).toBeUndefined();
});

it("stack change-secrets-provider: a new passphrase, and no change of a user", async () => {
  const stack = await Stack.create(PROGRAM);
  const user = name();
  const args = env({ [user]: { password: "Canary-kept" } });
  await stack.up(args);
  const hash = await storedHash(user);

  const { code, output } = await stack.project.run(["stack", "change-secrets-provider", "passphrase"], {
    input: "another passphrase\nanother passphrase\n",
  });
  expect(code, output).toBe(0);
  expect(stack.files()).not.toMatch(/Canary|SCRAM-SHA-256\$/);

  expect(await stack.fail(["preview"], args)).toContain("incorrect passphrase");
  const now = { ...args, PULUMI_CONFIG_PASSPHRASE: "another passphrase" };
  await stack.succeed(["preview", "--expect-no-changes"], now);
  await stack.up({ ...now, ...env({ [user]: { password: "Canary-second" } }) });
  expect(await storedHash(user)).not.toBe(hash);
  expect(await login(user, "Canary-second")).toBe(user);
});
