import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { login, serverUrl, sql, storedHash } from "../support/server";
import { Stack, secretOf } from "../support/stack";

/** One user, declared by what the environment says. */
const PROGRAM = `
  const { ScramUser } = require("pulumi-scram");
  const { username, ...args } = JSON.parse(process.env.ARGS);
  const user = new ScramUser("app", { username, ...args }, JSON.parse(process.env.OPTIONS ?? "{}"));
  exports.user = { username: user.username, generation: user.generation, iterations: user.iterations, verifier: user.verifier };
`;
const env = (args: object, options: object = {}) => ({
  SCRAM_DATABASE_URL: serverUrl(),
  ARGS: JSON.stringify(args),
  OPTIONS: JSON.stringify(options),
});
const name = () => `e2e_${randomUUID().slice(0, 8)}`;

describe("what the state holds", () => {
  it("a verifier and a seed as secrets, and no password", async () => {
    const stack = await Stack.create(PROGRAM);
    const username = name();
    const password = "Canary-4c1f";

    await stack.up(env({ username, password }));

    const { inputs, outputs } = await stack.resource("app");
    expect(Object.keys(inputs ?? {}).sort()).toEqual(
      ["__provider", "generation", "iterations", "login", "owner", "saltSeed", "username", "verifier"].sort(),
    );
    expect(secretOf(inputs?.verifier)).toBe(await storedHash(username));
    expect(secretOf(outputs?.verifier)).toBe(await storedHash(username));
    expect(secretOf(outputs?.saltSeed)).toHaveLength(44);
    expect(outputs).toMatchObject({ username, generation: 1, iterations: 10_610, login: true });
    const everything = JSON.stringify(await stack.resources()) + stack.files() + stack.transcript;
    for (const form of [
      password,
      Buffer.from(password).toString("base64"),
      Buffer.from(password).toString("hex"),
    ]) {
      expect(everything).not.toContain(form);
    }
    const user = (await stack.resources())[0]?.outputs?.user as Record<string, unknown> | undefined;
    expect(user).toMatchObject({ username, generation: 1, iterations: 10_610 });
    expect(secretOf(user?.verifier)).toBe(await storedHash(username));
  });
});

describe("a change", () => {
  it("of the name renames the role, the preview says so, and the password works under the new name", async () => {
    const stack = await Stack.create(PROGRAM);
    const [before, after] = [name(), name()];
    await stack.up(env({ username: before, password: "Canary-pw" }));

    const preview = await stack.changes(env({ username: after, password: "Canary-pw" }));
    expect(preview).toContain(`~ username: "${before}" => "${after}"`);
    expect(preview).toMatch(/1 to update/);
    expect(preview).not.toMatch(/replace|generation/);
    await stack.up(env({ username: after, password: "Canary-pw" }));

    expect(await storedHash(before)).toBeUndefined();
    expect(await login(after, "Canary-pw")).toBe(after);
  });

  it("of the resource's name without `aliases` is refused, and the role stays; with them it is nothing", async () => {
    const program = `
      const { ScramUser } = require("pulumi-scram");
      const { name, aliases, ...args } = JSON.parse(process.env.ARGS);
      new ScramUser(name, args, { aliases });
    `;
    const stack = await Stack.create(program);
    const username = name();
    const args = { username, password: "Canary-pw" };
    await stack.up(env({ name: "before", ...args }));

    expect(await stack.fail(["up", "--yes", "--skip-preview"], env({ name: "after", ...args }))).toContain(
      "it exists already",
    );
    expect(await login(username, "Canary-pw")).toBe(username);

    const renamed = { name: "after", aliases: [{ name: "before" }], ...args };
    expect(await stack.up(env(renamed))).toMatch(/2 unchanged/);
    expect(await login(username, "Canary-pw")).toBe(username);
  });

  it("that the user forces to be a replacement drops the role before it is created again", async () => {
    const stack = await Stack.create(PROGRAM);
    const username = name();
    await stack.up(env({ username, password: "Canary-pw" }));

    await stack.up(env({ username, password: "Canary-pw", login: false }, { replaceOnChanges: ["login"] }));

    await expect(login(username, "Canary-pw")).rejects.toThrow("is not permitted to log in");
  });

  it("asked for by `--replace` makes the role anew, without a word about other resources", async () => {
    const stack = await Stack.create(PROGRAM);
    const username = name();
    await stack.up(env({ username, password: "Canary-pw" }));
    const { urn } = await stack.resource("app");
    const oid = () => sql("SELECT oid::text FROM pg_roles WHERE rolname = $1", [username]);
    const before = await oid();

    const output = await stack.succeed(
      ["up", "--yes", "--skip-preview", "--replace", urn],
      env({ username, password: "Canary-pw" }),
    );

    expect(output).not.toMatch(/warning: (?!using pulumi-)/);
    expect(await oid()).not.toEqual(before);
    expect(await login(username, "Canary-pw")).toBe(username);
  });

  it("of an option shows that option alone and keeps the password", async () => {
    const stack = await Stack.create(PROGRAM);
    const username = name();
    await stack.up(env({ username, password: "Canary-pw" }));
    const hash = await storedHash(username);

    const args = { username, password: "Canary-pw", login: false };
    const preview = await stack.preview(env(args));
    await stack.up(env(args));

    expect(preview).toMatch(/~ login\s*: true => false/);
    expect(preview).not.toMatch(/~ (generation|verifier|iterations)/);
    expect(await storedHash(username)).toBe(hash);
    await expect(login(username, "Canary-pw")).rejects.toThrow("is not permitted to log in");
  });

  it("of the password under ignoreChanges is ignored, and so is that it is missing; without, that is refused", async () => {
    const stack = await Stack.create(PROGRAM);
    const username = name();
    await stack.up(env({ username, password: "Canary-first" }));

    for (const password of ["Canary-second", undefined])
      await stack.up(env({ username, password }, { ignoreChanges: ["password"] }));

    expect(await login(username, "Canary-first")).toBe(username);
    expect(await stack.fail(["preview"], env({ username }))).toContain(
      "password is missing, and the user has one;",
    );
  });

  it("from a password to none and back is one visible change, which says what it means", async () => {
    const stack = await Stack.create(PROGRAM);
    const username = name();
    await stack.up(env({ username, password: "Canary-first" }));

    const taken = await stack.preview(env({ username, passwordless: true }));
    await stack.up(env({ username, passwordless: true }));
    expect(taken).toMatch(/\+ passwordless\s*: true/);
    expect(taken).toMatch(/- verifier\s*: \[secret\]/);
    expect(await storedHash(username)).toBeNull();
    expect(await stack.preview(env({ username, passwordless: true }))).toMatch(/2 unchanged/);

    const back = await stack.preview(env({ username, password: "Canary-first" }));
    await stack.up(env({ username, password: "Canary-first" }));
    expect(back).toMatch(/- passwordless\s*: true/);
    expect(back).toMatch(/~ generation\s*: 1 => 2/);
    expect(await login(username, "Canary-first")).toBe(username);
  });

  it("made by hand is found by refresh, shown by preview, put right by up", async () => {
    const stack = await Stack.create(PROGRAM);
    const username = name();
    const args = env({ username, password: "Canary-declared" });
    await stack.up(args);
    await sql(`ALTER ROLE ${username} NOLOGIN PASSWORD 'by hand'`);

    await stack.succeed(["refresh", "--yes", "--skip-preview"], args);
    const preview = await stack.preview(args);
    await stack.up(args);

    expect(preview).toMatch(/~ login\s*: false => true/);
    expect(preview).toMatch(/~ generation\s*: 1 => 2/);
    expect(await login(username, "Canary-declared")).toBe(username);
  });

  it("made by hand that drops the role is found by refresh, and up creates it again", async () => {
    const stack = await Stack.create(PROGRAM);
    const username = name();
    const args = env({ username, password: "Canary-pw" });
    await stack.up(args);
    await sql(`DROP ROLE ${username}`);

    await stack.succeed(["refresh", "--yes", "--skip-preview"], args);
    expect(await stack.preview(args)).toMatch(/1 to create/);
    await stack.up(args);

    expect(await login(username, "Canary-pw")).toBe(username);
  });
});

it("a Provider is the connection of its users, whatever the environment says", async () => {
  const username = name();
  const stack = await Stack.create(`
    const { Provider, ScramUser } = require("pulumi-scram");
    const { port } = new URL(${JSON.stringify(serverUrl())});
    const connection = { host: "127.0.0.1", port, user: "postgres", password: "postgres", database: "postgres" };
    new ScramUser("app", { username: "${username}", password: "Canary-pw" }, { provider: new Provider("p", { connection }) });
  `);
  const env = { SCRAM_DATABASE_URL: "postgresql://admin:pw@127.0.0.1:1/none" };

  await stack.up(env);
  expect(await login(username, "Canary-pw")).toBe(username);
  expect(stack.files()).toContain(username);
  expect(stack.files()).not.toContain("postgres:postgres@");
  await stack.succeed(["destroy", "--yes", "--skip-preview"], env);

  expect(await storedHash(username)).toBeUndefined();
});
