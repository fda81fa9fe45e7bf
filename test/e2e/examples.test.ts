import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { configSet, configSetSecret } from "../../tools/engine/config-set.mts";
import { startPostgres } from "../../tools/postgres/server.mts";
import { startCockroachStandIn } from "../cockroachdb-stand-in/start";
import { cli } from "../support/cli";
import { loginAs } from "../support/login";
import { Stack } from "../support/stack";
import { query } from "../support/targets";

const UP_AGAIN = ["up", "--yes", "--skip-preview", "--expect-no-changes"];
const DESTROY = ["destroy", "--yes", "--skip-preview"];

async function example(name: string, connection: string, config: Readonly<Record<string, string>> = {}) {
  const files = ["Pulumi.yaml", "package.json", "tsconfig.json", "index.ts"];
  const stack = await Stack.create(
    Object.fromEntries(files.map((file) => [file, { copy: `examples/${name}/${file}` }])),
  );
  await stack.succeed(configSetSecret("scram:connection", connection));
  for (const [key, value] of Object.entries(config)) await stack.succeed(configSet(key, value));
  return stack;
}

async function postgres(rules?: string) {
  const server = await startPostgres({}, rules === undefined ? {} : { "pg_hba.conf": rules });
  onTestFinished(() => server.stop());
  return server;
}

async function output(stack: Stack, name: string): Promise<string> {
  const { stdout } = await stack.project.run(["stack", "output", "--show-secrets", name]);
  return stdout.trim();
}

const urlOf = (server: string, username: string, password: string) =>
  Object.assign(new URL(server), { username, password: encodeURIComponent(password) }).href;

/** How many users `pulumi-scram users` says are left. */
async function toConvert(url: string): Promise<number> {
  const { out } = await cli(["users", "--json", "--fail-on", "never", "--url", url]);
  return JSON.parse(out).summary.toConvert;
}

describe("eventual-migration", () => {
  it("CockroachDB: a login with the password in clear makes SCRAM of bcrypt", async () => {
    const standIn = await startCockroachStandIn(await postgres());
    onTestFinished(() => standIn.stop());
    await query(
      standIn.url,
      "SET CLUSTER SETTING server.user_login.upgrade_bcrypt_stored_passwords_to_scram.enabled = false",
    );
    const stack = await example("eventual-migration", standIn.url, { product: "cockroachdb" });

    for (const name of ["first", "second"]) {
      const bcrypt = "CRDB-BCRYPT$2a$10$jeDfxx9fI7dDp3p0I3BTGOX2uKjnErlmgf74U0bp9KusDpAVypc1.";
      await query(standIn.url, `CREATE USER ${name} PASSWORD '${bcrypt}'`);
      const url = urlOf(standIn.url, name, "abc");
      expect(await loginAs(url)).toBe("in");
      expect(await toConvert(standIn.url)).toBe(1);
      await stack.up();
      await stack.succeed(UP_AGAIN);
      expect(await toConvert(standIn.url)).toBe(1);
      expect(await loginAs(url)).toBe("in");
      expect(await toConvert(standIn.url)).toBe(0);
      await stack.succeed(DESTROY);
    }
  });

  it("PostgreSQL: the next password is SCRAM", async () => {
    const { url } = await postgres("host all all all md5\n");
    await query(url, "ALTER SYSTEM SET password_encryption = 'md5'");
    await query(url, "SELECT pg_reload_conf()");
    await expect
      .poll(async () => (await query(url, "SHOW password_encryption"))[0])
      .toEqual({
        password_encryption: "md5",
      });
    await query(url, "CREATE ROLE app LOGIN PASSWORD 'old'");
    const stack = await example("eventual-migration", url, { product: "postgresql" });

    for (const left of [1, 0]) {
      await stack.up();
      await stack.succeed(UP_AGAIN);
      expect(await toConvert(url)).toBe(left);
      await query(url, "ALTER ROLE app PASSWORD 'next'");
      expect(await toConvert(url)).toBe(0);
      await stack.succeed(DESTROY);
    }
  });
});

it("immediate-migration: in batches, with the passwords that they have", async () => {
  const { url } = await postgres("host all all all md5\n");
  const passwords = Object.fromEntries(["a", "b", "c", "d", "e"].map((name) => [name, `Canary-${name}`]));
  for (const [name, password] of Object.entries(passwords)) {
    await query(url, `SET password_encryption = 'md5'; CREATE ROLE ${name} LOGIN PASSWORD '${password}'`);
  }
  const stack = await example("immediate-migration", url, { size: "2", batches: "1" });
  await stack.succeed(configSetSecret("passwords", JSON.stringify(passwords)));

  await stack.up();
  expect(await toConvert(url)).toBe(3);
  await stack.succeed(configSet("batches", "3"));
  await stack.up();
  expect(await toConvert(url)).toBe(0);
  await stack.succeed(UP_AGAIN);
  for (const [name, password] of Object.entries(passwords)) {
    expect(await loginAs(urlOf(url, name, password))).toBe("in");
  }
  await stack.succeed(DESTROY);
  await stack.up();
  await stack.succeed(DESTROY);
  expect(await loginAs(urlOf(url, "e", "Canary-e"))).toBe("in");
});

it("alternating-users: a rotation leaves the old credentials valid", async () => {
  const { url } = await postgres();
  const stack = await example("alternating-users", url, { rotation: "2026-11" });

  for (const [now, next] of [
    ["2026-11", "2026-12"],
    ["2027-01", "2027-02"],
  ] as const) {
    await stack.succeed(configSet("rotation", now));
    await stack.up();
    await stack.succeed(UP_AGAIN);
    const old = urlOf(url, await output(stack, "username"), await output(stack, "password"));
    expect(await loginAs(old)).toBe("in");
    await stack.succeed(configSet("rotation", next));
    await stack.up();
    expect(await output(stack, "username")).not.toBe(new URL(old).username);
    expect(await loginAs(urlOf(url, await output(stack, "username"), await output(stack, "password")))).toBe(
      "in",
    );
    expect(await loginAs(old)).toBe("in");
    await stack.succeed(DESTROY);
  }
});

it("pgbouncer: its files are the server's verifier and its own user's password, for their owner alone", async () => {
  const { url } = await postgres();
  const stack = await example("pgbouncer", url);
  const file = (name: string) => join(stack.project.folder, name);

  for (let time = 0; time < 2; time++) {
    await stack.up();
    await stack.succeed(UP_AGAIN);
    const { out } = await cli(["userlist", "--url", url, "shop"]);
    expect(readFileSync(file("userlist.txt"), "utf8")).toBe(out);
    const [, password = ""] =
      /^"pgbouncer" "(.*)"\n$/.exec(readFileSync(file("auth_user.txt"), "utf8")) ?? [];
    expect(await loginAs(urlOf(url, "pgbouncer", password))).toBe("in");
    for (const name of ["userlist.txt", "auth_user.txt"])
      expect(statSync(file(name)).mode & 0o777).toBe(0o600);
    await stack.succeed(DESTROY);
  }
});
