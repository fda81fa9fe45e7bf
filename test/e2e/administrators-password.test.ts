import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { createAdmin, login, serverUrl, sql } from "../support/server";
import { Stack } from "../support/stack";

const PROGRAM = `
  const { Provider, ScramUser } = require("pulumi-scram");
  const provider = new Provider("server", { connection: process.env.CONNECTION });
  new ScramUser("app", { username: process.env.USERNAME, password: process.env.PASSWORD }, { provider });
`;
const APPLY = ["--yes", "--skip-preview"];
let admin: { user: string; url: string };
const username = () => `e2e_${randomUUID().slice(0, 8)}`;

describe("the administrator's password is rotated", () => {
  beforeAll(async () => {
    admin = await createAdmin("CREATEROLE");
  });
  const rotate = async () => {
    await sql(`ALTER ROLE ${admin.user} PASSWORD 'Canary-admin-second'`);
    return "Canary-admin-second";
  };

  it("in PGPASSWORD, with a URL without one: every command goes on, and no state holds it", async () => {
    await sql(`ALTER ROLE ${admin.user} PASSWORD 'Canary-admin-first'`);
    const stack = await Stack.create(PROGRAM);
    const given = { CONNECTION: serverUrl(admin.user), USERNAME: username(), PASSWORD: "Canary-first" };
    await stack.up({ ...given, PGPASSWORD: "Canary-admin-first" });

    const env = { ...given, PGPASSWORD: await rotate() };
    await stack.succeed(["refresh", ...APPLY], env);
    expect(await stack.preview(env)).toMatch(/3 unchanged/);
    await stack.up({ ...env, PASSWORD: "Canary-second" });
    expect(await login(given.USERNAME, "Canary-second")).toBe(given.USERNAME);
    await stack.succeed(["up", "--refresh", ...APPLY], { ...env, PASSWORD: "Canary-second" });
    const everything = JSON.stringify(await stack.resources()) + stack.files() + stack.transcript;
    expect(everything).not.toContain("Canary-admin");
    await stack.succeed(["destroy", ...APPLY], env);
    await expect(login(given.USERNAME, "Canary-second")).rejects.toThrow();
  });

  it("in the Provider's URL: refresh says that the recorded one is refused and what to do, which helps", async () => {
    await sql(`ALTER ROLE ${admin.user} PASSWORD 'Canary-admin-first'`);
    const stack = await Stack.create(PROGRAM);
    const given = { USERNAME: username(), PASSWORD: "Canary-pw" };
    await stack.up({ ...given, CONNECTION: serverUrl(admin.user, "Canary-admin-first") });

    const env = { ...given, CONNECTION: serverUrl(admin.user, await rotate()) };
    expect(await stack.fail(["refresh", ...APPLY], env)).toContain(
      "go by what the last `up` recorded: run `pulumi up` first, or add --run-program",
    );
    await stack.succeed(["refresh", ...APPLY, "--run-program"], env);
    await stack.up(env);
    await stack.succeed(["destroy", ...APPLY], {});
  });
});
