import { randomUUID } from "node:crypto";
import pg from "pg";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { settingsProvider } from "../../../src/provider/auth-settings/auth-settings";
import { hbaProvider } from "../../../src/provider/hba/hba";
import type { Props } from "../../../src/provider/protocol/wire";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import {
  type RunningStandIn,
  type StandInOptions,
  startCockroachStandIn,
} from "../../cockroachdb-stand-in/start";
import { check, configured, deploy, unwrap, userProviderFor } from "../../support/engine-side";
import { forEachCockroachdb } from "../../support/targets";

const name = () => `user_${randomUUID().slice(0, 8)}`;
const hbaRule = (user: string, method: string, address = "all") => ({
  type: "host",
  user,
  address,
  method,
});
const ROOT = hbaRule("root", "cert-password");

forEachCockroachdb((target) => {
  it("a name is folded as the server folds it, and another spelling is the same user", async () => {
    const provider = userProviderFor(target.url);
    const username = `Ünïcode_${randomUUID().slice(0, 8)}`.normalize("NFD");

    const inputs = await check(provider, {}, { username, password: "pw" });
    const { id, outs } = await provider.create(inputs);

    expect(id).toBe(username.normalize("NFC").toLowerCase());
    expect(await target.login(id, "pw")).toBe(id);
    expect((await provider.read(id, unwrap(outs))).id).toBe(id);
    await provider.delete(id, unwrap(outs));
  });

  it("HbaConfig: written, changed by hand and found, put back; unset stays unset", async () => {
    const provider = configured(hbaProvider(), target.url);
    const args = (...rules: object[]) =>
      ({ product: "cockroachdb", rules, guard: "warn" }) as unknown as Props;

    const state = await deploy(provider, args(ROOT, hbaRule("all", "cert-password")));
    expect(state.previous).toBe(null);
    expect(Object.values(state.rules ?? {})).toEqual([
      "host all root all cert-password",
      "host all all  all cert-password",
      "",
    ]);
    await target.sql(
      "SET CLUSTER SETTING server.host_based_authentication.configuration = 'host all all all password'",
    );
    const found = unwrap((await provider.read("hba", state)).inputs);
    expect(Object.values(found.rules ?? {})).toEqual(["host all all all password"]);
    const wanted = await check(provider, found, args(ROOT, hbaRule("all", "cert-password")));
    await provider.update("hba", state, wanted);
    await provider.delete("hba", state);

    const [setting] = await target.sql("SHOW CLUSTER SETTING server.host_based_authentication.configuration");
    expect(Object.values(setting ?? {})).toEqual([""]);
  });

  it("AuthSettings: only what is declared is touched, what is no longer declared goes back, unset stays unset", async () => {
    const provider = configured(settingsProvider(), target.url);
    const show = async (setting: string) => {
      const rows = await target.sql<{ variable: string; value: string; origin?: string }>(
        "SHOW ALL CLUSTER SETTINGS",
      );
      const row = rows.find(({ variable }) => variable === `server.user_login.${setting}`);
      return `${row?.value}${row?.origin === undefined ? "" : ` ${row.origin}`}`;
    };
    const [length, cost] = ["min_password_length", "password_hashes.default_cost.scram_sha_256"];
    const before = { length: await show(length), cost: await show(cost) };

    let state = await deploy(provider, {
      product: "cockroachdb",
      minPasswordLength: 12,
      defaultCostScramSha256: 20_000,
    });
    expect([await show(length), await show(cost)].map((text) => text.split(" ")[0])).toEqual(["12", "20000"]);

    const found = unwrap((await provider.read("settings", state)).inputs);
    expect(found).toMatchObject({ minPasswordLength: 12, defaultCostScramSha256: 20_000 });

    const fewer = await check(provider, found, { product: "cockroachdb", minPasswordLength: 14 });
    state = unwrap((await provider.update("settings", state, fewer)).outs);
    expect((await show(length)).split(" ")[0]).toBe("14");
    expect(await show(cost)).toBe(before.cost);

    await provider.delete("settings", state);
    expect({ length: await show(length), cost: await show(cost) }).toEqual(before);
  });
});

describe("the stand-in made difficult", () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
    return () => postgres.stop();
  });

  async function withStandIn<T>(
    options: StandInOptions,
    work: (standIn: RunningStandIn) => Promise<T>,
  ): Promise<T> {
    const standIn = await startCockroachStandIn(postgres, options);
    try {
      return await work(standIn);
    } finally {
      await standIn.stop();
    }
  }

  it("a cluster that stores no verifiers is refused before anything is written", () =>
    withStandIn({ storePreHashed: false }, async (standIn) => {
      const refused = deploy(userProviderFor(standIn.url), { username: name(), password: "pw" });
      await expect(refused).rejects.toThrow(
        /the cluster does not store verifiers: server.user_login.store_client_pre_hashed_passwords.enabled is off; turn it on/,
      );
      expect(standIn.statements.join("\n")).not.toMatch(/CREATE ROLE/);
    }));

  it("restart transaction: the whole of it is tried again", async () => {
    const isCreate = (sql: string) => sql.includes("CREATE ROLE");
    let failures = 2;
    await withStandIn(
      { failWith40001: (sql) => /CREATE ROLE/.test(sql) && failures-- > 0 },
      async (standIn) => {
        await deploy(userProviderFor(standIn.url), { username: name(), password: "pw" });
        const ends = standIn.statements.filter((sql) => /: (CREATE ROLE|ROLLBACK$|COMMIT)/.test(sql));
        const [first = -1, last = -1] = [ends.findIndex(isCreate), ends.findLastIndex(isCreate)];
        expect(ends.slice(first, last + 2).map((sql) => /: (\w+)/.exec(sql)?.[1])).toEqual([
          "CREATE",
          "ROLLBACK",
          "CREATE",
          "ROLLBACK",
          "CREATE",
          "COMMIT",
        ]);
      },
    );
  });

  it("a rule set that would lock out this session, or a bcrypt user, is refused with the names; allowLockout lets it pass", () =>
    withStandIn({}, async (standIn) => {
      const users = userProviderFor(standIn.url);
      await deploy(users, { username: "modern", password: "pw" });
      const settings = configured(settingsProvider(), standIn.url);
      const old = await deploy(settings, { product: "cockroachdb", passwordEncryption: "crdb-bcrypt" });
      const client = new pg.Client(standIn.url);
      await client.connect();
      await client.query("CREATE USER legacy PASSWORD 'bcrypt me'");
      await client.end();
      await settings.delete("settings", old);
      const hba = configured(hbaProvider(), standIn.url);
      const args = (rest: object, ...rules: object[]) =>
        ({ product: "cockroachdb", rules, ...rest }) as unknown as Props;
      const strict = [ROOT, hbaRule("all", "scram-sha-256")];

      await expect(deploy(hba, args({}, ...strict))).rejects.toThrow(
        /^the new HBA rules would lock out "legacy" \(from elsewhere: Line 2 .*bcrypt.*\); change the rules, or name who may be locked out in allowLockout \(\["legacy"\]\)$/,
      );
      await expect(
        deploy(hba, args({}, hbaRule("root", "reject"), hbaRule("all", "cert-password"))),
      ).resolves.toBeDefined();
      await deploy(hba, args({ allowLockout: ["legacy"] }, ...strict));
      expect(
        standIn.statements.filter((sql) => sql.includes("SET CLUSTER SETTING server.host_based")).length,
      ).toBe(2);
    }));

  it("an administrator without the privilege for settings gets a sentence", () =>
    withStandIn({}, async (standIn) => {
      await deploy(userProviderFor(standIn.url), { username: "plain", password: "pw" });
      const url = standIn.url.replace("root:root", "plain:pw");
      await expect(
        deploy(configured(settingsProvider(), url), { product: "cockroachdb", minPasswordLength: 9 }),
      ).rejects.toThrow(/\[42501\]$/);
      await expect(
        deploy(configured(hbaProvider(), url), { product: "cockroachdb", text: "host all all all password" }),
      ).rejects.toThrow(/\[42501\]$|hidden/);
    }));

  it("a setting that this version does not have is named", () =>
    withStandIn({ version: "v22.1" }, async (standIn) => {
      const args = { product: "cockroachdb", rehashScramStoredPasswordsOnCostChange: true };
      const provider = configured(settingsProvider(), standIn.url);
      await expect(check(provider, {}, args)).rejects.toThrow(
        /rehashScramStoredPasswordsOnCostChange: .* has no setting server.user_login.rehash_\S+.enabled, which came with version v22.2.7; leave it out/,
      );
      // Where the preview could not ask.
      await expect(provider.create(args)).rejects.toThrow(
        /has no setting server.user_login.rehash_scram_stored_passwords_on_cost_change.enabled; /,
      );
    }));

  it("where it is declared to do what this version does without it, there is nothing to set", () =>
    withStandIn({ version: "v22.1" }, async (standIn) => {
      const args = {
        product: "cockroachdb",
        rehashScramStoredPasswordsOnCostChange: false,
        downgradeScramStoredPasswordsToBcrypt: false,
        minPasswordLength: 9,
      };
      const provider = configured(settingsProvider(), standIn.url);
      const said = vi.spyOn(console, "error").mockImplementation(() => {});
      const state = await deploy(provider, args);
      expect(said.mock.calls.flat().join()).toMatch(
        /downgradeScram\w+: .* has no setting .*, so there is nothing to set; before v22.2.6, .* it does as declared/,
      );
      said.mockRestore();
      expect(state.previous).toEqual({ "server.user_login.min_password_length": null });
      expect(unwrap((await provider.read("settings", state)).inputs)).toMatchObject(args);
      await provider.delete("settings", state);
    }));

  it("rules that are hidden from an administrator are no drift, and are not written blindly", () =>
    withStandIn({}, async (standIn) => {
      const hba = (url: string) => configured(hbaProvider(), url);
      const args = {
        product: "cockroachdb",
        text: "host all root all cert-password\nhost all all all cert-password",
      };
      const state = await deploy(hba(standIn.url), args);
      const client = new pg.Client(standIn.url);
      await client.connect();
      await client.query("CREATE USER viewer VIEWCLUSTERSETTING PASSWORD 'pw'");
      await client.query("SET CLUSTER SETTING server.redact_sensitive_settings.enabled = true");
      await client.end();
      const viewer = hba(standIn.url.replace("root:root", "viewer:pw"));

      expect(unwrap((await viewer.read("hba", state)).inputs).rules).toEqual(state.rules);
      const other = await check(viewer, state, { ...args, text: "host all all all cert-password" });
      await expect(viewer.update("hba", state, other)).rejects.toThrow(
        /are hidden from this administrator; grant it MODIFYCLUSTERSETTING/,
      );
    }));
});

describe("AuthSettings refuses in preview", () => {
  it.each<[Props, RegExp]>([
    [
      { product: "cockroachdb", defaultCostScramSha256: 4095 },
      /defaultCostScramSha256 must be a whole number from 4096 to 1000000/,
    ],
    [
      { product: "cockroachdb", passwordEncryption: "md5" },
      /passwordEncryption must be scram-sha-256 or crdb-bcrypt/,
    ],
    [
      { product: "cockroachdb", scramIterations: 4096 },
      /scramIterations is not an argument of an AuthSettings of cockroachdb; it takes passwordEncryption/,
    ],
    [{ product: "postgresql", scramIterations: 0 }, /must be a whole number from 1 to 1000000/],
    [{ product: "mysql" }, /product must be cockroachdb or postgresql/],
    [{}, /product is missing/],
    [{ product: "cockroachdb", storeClientPreHashedPasswords: "yes" }, /must be true or false/],
  ])("%j", async (args, message) => {
    await expect(check(settingsProvider(), {}, args)).rejects.toThrow(message);
  });
});
