import pg from "pg";
import { beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { settingsProvider } from "../../../src/provider/auth-settings/auth-settings";
import type { Provider } from "../../../src/provider/protocol/wire";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { check, configured, deploy, unwrap } from "../../support/engine-side";
import { serverHas } from "../../support/server-version";

let server: PostgresServer;
let provider: Provider;

beforeAll(async () => {
  server = await startPostgres();
  provider = configured(settingsProvider(), server.url);
  return () => server.stop();
});

async function sql<Row extends pg.QueryResultRow>(text: string): Promise<Row[]> {
  const client = new pg.Client(server.url);
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

/** What ALTER SYSTEM has written, by name. */
async function written(): Promise<Record<string, string>> {
  const rows = await sql<{ name: string; setting: string }>(
    "SELECT name, setting FROM pg_file_settings WHERE sourcefile LIKE '%auto.conf'",
  );
  return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
}

it.runIf(!serverHas("scramIterations"))("what an older server lacks is refused in the preview", async () => {
  await expect(check(provider, {}, { product: "postgresql", scramIterations: 5000 })).rejects.toThrow(
    /scramIterations: .* has no setting scram_iterations, which came with version 16; leave it out/,
  );
});

it("where the server does not answer, a preview says that it could not ask", async () => {
  const said = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => said.mockRestore());
  const nowhere = configured(settingsProvider(), "postgresql://postgres@127.0.0.1:1/postgres");
  await check(nowhere, {}, { product: "postgresql", scramIterations: 5000 });
  expect(said.mock.calls.flat().join()).toMatch(
    /settings could not be compared with the server: .*127.0.0.1:1/,
  );
});

it.runIf(serverHas("scramIterations"))(
  "AuthSettings on PostgreSQL: set, found changed by hand, fewer declared, put back; unset stays unset",
  async () => {
    await sql("ALTER SYSTEM SET scram_iterations = 5000");
    await sql("SELECT pg_reload_conf()");

    let state = await deploy(provider, {
      product: "postgresql",
      passwordEncryption: "scram-sha-256",
      scramIterations: 10_610,
    });
    expect(await written()).toEqual({ scram_iterations: "10610", password_encryption: "scram-sha-256" });
    await sql("CREATE ROLE hashed PASSWORD 'pw'");
    const [row] = await sql<{ rolpassword: string }>(
      "SELECT rolpassword FROM pg_authid WHERE rolname = 'hashed'",
    );
    expect(row?.rolpassword).toMatch(/^SCRAM-SHA-256\$10610:/);

    await sql("ALTER SYSTEM SET scram_iterations = 4096");
    await sql("SELECT pg_reload_conf()");
    expect(unwrap((await provider.read("settings", state)).inputs)).toMatchObject({ scramIterations: 4096 });

    const fewer = await check(provider, state, {
      product: "postgresql",
      passwordEncryption: "scram-sha-256",
    });
    state = unwrap((await provider.update("settings", state, fewer)).outs);
    expect(await written()).toEqual({ scram_iterations: "5000", password_encryption: "scram-sha-256" });

    await provider.delete("settings", state);
    expect(await written()).toEqual({ scram_iterations: "5000" });
    await sql("ALTER SYSTEM RESET ALL");
    await sql("SELECT pg_reload_conf()");
  },
);

it("the server's value counts, not that of the administrator's own session", async () => {
  await sql("ALTER SYSTEM SET password_encryption = 'md5'");
  await sql("ALTER ROLE postgres SET password_encryption = 'scram-sha-256'");
  await sql("SELECT pg_reload_conf()");

  const state = await deploy(provider, { product: "postgresql", passwordEncryption: "scram-sha-256" });
  expect(await written()).toEqual({ password_encryption: "scram-sha-256" });

  await provider.delete("settings", state);
  expect(await written()).toEqual({ password_encryption: "md5" });
  await sql("ALTER ROLE postgres RESET password_encryption");
  await sql("ALTER SYSTEM RESET ALL");
  await sql("SELECT pg_reload_conf()");
});

it.runIf(serverHas("scramIterations"))(
  "all or nothing: when one setting fails, those before it are put back",
  async () => {
    await sql("CREATE ROLE partly LOGIN PASSWORD 'pw'");
    await sql("GRANT ALTER SYSTEM ON PARAMETER password_encryption TO partly");
    await sql("GRANT EXECUTE ON FUNCTION pg_reload_conf() TO partly");
    await sql("GRANT SELECT ON pg_file_settings TO partly");
    await sql("GRANT EXECUTE ON FUNCTION pg_show_all_file_settings() TO partly");
    const limited = configured(settingsProvider(), server.url.replace("postgres:postgres", "partly:pw"));

    const refused = deploy(limited, {
      product: "postgresql",
      passwordEncryption: "md5",
      scramIterations: 5000,
    });

    await expect(refused).rejects.toThrow(/could not set scram_iterations .*\[42501\]$/);
    expect(await written()).toEqual({});
  },
);

it("another server's settings are left alone at destroy", async () => {
  const state = await deploy(provider, { product: "postgresql", passwordEncryption: "md5" });
  await provider.delete("settings", { ...state, cluster: "another" });
  expect(await written()).toEqual({ password_encryption: "md5" });
  await provider.delete("settings", state);
  expect(await written()).toEqual({});
});

it("an up that was interrupted before it was recorded: what was there before is lost, and that is said", async () => {
  const said = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => said.mockRestore());
  await sql("ALTER SYSTEM RESET ALL");
  await sql("SELECT pg_reload_conf()");
  const args = { product: "postgresql", passwordEncryption: "md5" };

  await deploy(provider, args);
  expect(said).not.toHaveBeenCalled();
  const state = await deploy(provider, args);

  expect(said.mock.calls.flat().join()).toBe(
    "warning: these settings had their declared values already: password_encryption; `pulumi destroy` will leave them so",
  );
  await provider.delete("settings", state);
  expect(await written()).toEqual({ password_encryption: "md5" });
});
