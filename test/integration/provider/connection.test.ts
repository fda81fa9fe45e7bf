import { describe, expect, it, onTestFinished, vi } from "vitest";
import { databaseFor } from "../../../src/provider/connection/connection";
import type { Json } from "../../../src/provider/protocol/wire";
import { serverUrl } from "../../support/server";

const here = serverUrl();
const { port } = new URL(here);
const nowhere = "postgresql://admin:pw@127.0.0.1:1/none";
const parts = { host: "127.0.0.1", port, user: "postgres", password: "postgres", database: "postgres" };
const config = (values: Record<string, string>) => ({ get: (key: string) => values[key] });

describe("the connection: the first that is set", () => {
  it.each<[string, Json | undefined, Record<string, string>, Record<string, string>]>([
    [
      "the resource's own",
      here,
      { "scram:connection": nowhere, "scram:explicit": "true" },
      { SCRAM_DATABASE_URL: nowhere },
    ],
    ["the resource's own, in parts", parts, { "scram:connection": nowhere }, { SCRAM_DATABASE_URL: nowhere }],
    [
      "the provider's",
      undefined,
      { "scram:connection": here, "scram:explicit": "true" },
      { SCRAM_DATABASE_URL: nowhere },
    ],
    [
      "the provider's, in parts",
      undefined,
      { "scram:connection": JSON.stringify(parts), "scram:explicit": "true" },
      { PGHOST: "db.invalid" },
    ],
    [
      "the environment's URL",
      undefined,
      { "scram:connection": nowhere },
      { SCRAM_DATABASE_URL: here, PGHOST: "db.invalid" },
    ],
    ["the config's", undefined, { "scram:connection": here }, { PGUSER: "somebody", PGPORT: "1" }],
    ["the config's, in parts", undefined, { "scram:connection": JSON.stringify(parts) }, {}],
  ])("%s", async (_case, own, values, env) => {
    expect((await databaseFor(own, config(values), env)).server).toBe(`127.0.0.1:${port}`);
  });

  it("libpq's variables come before the config when PGHOST is among them", async () => {
    const variables = {
      PGHOST: "127.0.0.1",
      PGPORT: port,
      PGUSER: "postgres",
      PGPASSWORD: "postgres",
      PGDATABASE: "postgres",
    };
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    expect((await databaseFor(undefined, config({ "scram:connection": nowhere }))).server).toBe(
      `127.0.0.1:${port}`,
    );
  });

  it("none is an error that says what to set", async () => {
    await expect(databaseFor(undefined, config({}), {})).rejects.toThrow(
      /^no database to connect to; run `pulumi config set --secret scram:connection/,
    );
    await expect(databaseFor(undefined, undefined, {})).rejects.toThrow(/^no database to connect to/);
  });

  it("a config that only looks like JSON is refused without a word of it", async () => {
    const refused = databaseFor(undefined, config({ "scram:connection": '{"password": "Canary"' }), {});
    await expect(refused).rejects.toThrow(/looks like JSON but is not/);
    await expect(refused).rejects.not.toThrow(/Canary/);
  });
});
