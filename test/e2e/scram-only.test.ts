import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { configSetSecret } from "../../tools/engine/config-set.mts";
import { startPostgres } from "../../tools/postgres/server.mts";
import { startCockroachStandIn } from "../cockroachdb-stand-in/start";
import { authenticationRequest } from "../support/authentication-request";
import { Stack, secretOf } from "../support/stack";
import { query } from "../support/targets";

const example = (name: string) =>
  readFileSync(resolve(import.meta.dirname, "../../examples", name, "index.ts"), "utf8");

const PRODUCTS = {
  PostgreSQL: {
    example: "hba",
    start: async () => {
      const server = await startPostgres({}, { "pg_hba.conf": "host all all all password\n" });
      onTestFinished(() => server.stop());
      return {
        // It asks for passwords in clear, before.
        url: `${server.url}?require_auth=password,scram-sha-256`,
        port: server.port,
        superuser: server.url,
      };
    },
    rules: "SELECT pg_read_file(current_setting('hba_file')) AS text",
    settings:
      "SELECT name, setting FROM pg_settings WHERE name IN ('password_encryption', 'scram_iterations') ORDER BY name",
    one: `{ type: "host", user: "migrations", address: "10.2.0.0/16", method: "scram-sha-256" },`,
  },
  "the stand-in for CockroachDB": {
    example: "cockroachdb",
    start: async () => {
      const postgres = await startPostgres();
      const standIn = await startCockroachStandIn(postgres);
      onTestFinished(async () => {
        await standIn.stop();
        await postgres.stop();
      });
      await query(
        standIn.url,
        "SET CLUSTER SETTING server.host_based_authentication.configuration = 'host all all all password'",
      );
      return { url: standIn.url, port: standIn.port };
    },
    rules: "SHOW CLUSTER SETTING server.host_based_authentication.configuration",
    settings: "SHOW CLUSTER SETTING server.user_login.password_encryption",
    one: `{ type: "host", user: "migrations", address: "10.2.0.0/16", method: "scram-sha-256" },`,
  },
};

it.each(Object.entries(PRODUCTS))(
  "%s goes from passwords in clear text to SCRAM only, and back at destroy",
  async (_name, product) => {
    const { url, port } = await product.start();
    const stack = await Stack.create({
      "Pulumi.yaml": { copy: `examples/${product.example}/Pulumi.yaml` },
      "package.json": { copy: `examples/${product.example}/package.json` },
      "tsconfig.json": { copy: `examples/${product.example}/tsconfig.json` },
      "index.ts": { copy: `examples/${product.example}/index.ts` },
    });
    await stack.succeed(configSetSecret("scram:connection", url));
    const before = [await query(url, product.rules), await query(url, product.settings)];
    await query(url, "CREATE ROLE early LOGIN PASSWORD 'Canary-pw'");
    expect(await authenticationRequest(port, "early")).toBe("cleartext password");
    await query(url, "DROP ROLE early");

    await stack.up();
    for (const user of ["app", "reporting"]) expect(await authenticationRequest(port, user)).toBe("SCRAM");
    expect(await stack.up()).toMatch(/unchanged/);

    // One rule more: the preview shows that one.
    const program = example(product.example).replace(
      /(user: "migrations", address: "10\.1[^}]*\},)/,
      `$1 ${product.one}`,
    );
    stack.write("index.ts", program);
    const preview = await stack.preview();
    expect(preview.match(/^\s+[+~-] 0000\d\d.*$/gm)?.map((line) => line.trim().replace(/\s+/g, " "))).toEqual(
      [expect.stringMatching(/^\+ 0000\d\d: "host all migrations 10\.2\.0\.0\/16 scram-sha-256"$/)],
    );
    expect(preview).toMatch(/1 to update/);

    await stack.succeed(["destroy", "--yes", "--skip-preview"]);
    expect([await query(url, product.rules), await query(url, product.settings)]).toEqual(before);
    // And once more from the beginning.
    await stack.up();
    await stack.succeed(["destroy", "--yes", "--skip-preview"]);
    expect([await query(url, product.rules), await query(url, product.settings)]).toEqual(before);
    expect(stack.transcript).not.toMatch(/SCRAM-SHA-256\$\d/);
  },
);

it("a rule set that would lock out the administrator stops `up` with a sentence, and leaves the server as it was", async () => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  const stack = await Stack.create(`
    const { HbaConfig } = require("pulumi-scram");
    new HbaConfig("hba", { product: "postgresql", text: process.env.RULES });
  `);
  const rules = "SELECT pg_read_file(current_setting('hba_file')) AS text";
  const before = await query(server.url, rules);
  const up = (text: string) =>
    stack.fail(["up", "--yes", "--skip-preview"], { SCRAM_DATABASE_URL: server.url, RULES: text });

  const lockedOut = await up("host all app all scram-sha-256");
  const mistaken = await up("host all all all scram-sha-256\nhost all all nowhere.example");

  expect(lockedOut).toMatch(/error: the new HBA rules would lock out "postgres" \(as it is connected now/);
  expect(mistaken).toMatch(/line 2 of the HBA rules: end-of-line before authentication method/);
  for (const output of [lockedOut, mistaken]) expect(output).not.toMatch(/^\s+at .*:\d+/m);
  expect(await query(server.url, rules)).toEqual(before);
});

it("HBA rules that are given as a secret stay one", async () => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  const stack = await Stack.create(`
    const pulumi = require("@pulumi/pulumi");
    const { HbaConfig } = require("pulumi-scram");
    const text = pulumi.secret("host all all all scram-sha-256 # Canary");
    new HbaConfig("hba", { product: "postgresql", text, allowLockout: ["postgres"] });
  `);

  const preview = await stack.preview({ SCRAM_DATABASE_URL: server.url });
  await stack.up({ SCRAM_DATABASE_URL: server.url });

  expect(preview).toMatch(/rules\s*: \[secret\]/);
  const { inputs, outputs } = await stack.resource("hba");
  expect(Object.values(secretOf(inputs?.rules) as object)).toEqual([
    "host all all all scram-sha-256 # Canary",
  ]);
  expect(secretOf(outputs?.rules)).toEqual(secretOf(inputs?.rules));
  expect(stack.files() + stack.transcript).not.toContain("Canary");
});
