import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { type StandInOptions, startCockroachStandIn } from "../../cockroachdb-stand-in/start";
import { check, deploy, unwrap, userProviderFor } from "../../support/engine-side";
import { serverUrl } from "../../support/server";
import { query } from "../../support/targets";

const HBA = "server.host_based_authentication.configuration";
const COST = "server.user_login.password_hashes.default_cost.scram_sha_256";
const REHASH = "server.user_login.rehash_scram_stored_passwords_on_cost_change.enabled";

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres();
  return () => postgres.stop();
});

const said = vi.spyOn(console, "error").mockImplementation(() => {});
beforeEach(() => said.mockClear());
const warnings = () => said.mock.calls.flat().filter((line) => String(line).includes("cleartext password"));

const name = () => `app_${randomUUID().slice(0, 8)}`;

/** What is said when a user with so many iterations is deployed to a stand-in for CockroachDB with such settings. */
async function deployed(
  version: StandInOptions["version"],
  iterations: number,
  settings: Record<string, string>,
) {
  const standIn = await startCockroachStandIn(postgres, { version: version ?? "v24.3" });
  onTestFinished(() => standIn.stop());
  for (const [setting, value] of Object.entries(settings))
    await query(standIn.url, `SET CLUSTER SETTING ${setting} = ${value}`);
  const provider = userProviderFor(standIn.url);
  const state = await deploy(provider, { username: name(), password: "pw", iterations });
  return { provider, state };
}

it.each<[string, StandInOptions["version"], number, Record<string, string>, boolean]>([
  ["our default and the cluster's", "v24.3", 10_610, {}, false],
  ["other iterations than the cluster's", "v24.3", 5_000, {}, true],
  ["our default, and another cost of the cluster", "v26.1", 10_610, { [COST]: "20000" }, true],
  ["the cluster told not to hash again", "v24.3", 5_000, { [REHASH]: "false" }, false],
  [
    "a rule that asks for SCRAM whatever is stored",
    "v24.3",
    5_000,
    { [HBA]: "'host all all all scram-sha-256'" },
    false,
  ],
  ["a version that did not hash again yet", "v22.1", 5_000, {}, false],
])("%s", async (_case, version, iterations, settings, expected) => {
  await deployed(version, iterations, settings);

  expect(warnings()).toHaveLength(expected ? 1 : 0);
  if (expected) {
    expect(warnings()[0]).toMatch(
      new RegExp(
        `will ask users whose verifier has ${iterations} iterations \\("app_\\w+" is one\\) for their cleartext password and hash it again: the cluster's own cost is ${settings[COST] ?? 10_610}, and the rule \`host +all +all +all +cert-password`,
      ),
    );
  }
});

it("has another reason where the cluster goes back to bcrypt", async () => {
  await deployed("v24.3", 10_610, { "server.user_login.password_encryption": "'crdb-bcrypt'" });
  expect(warnings()).toHaveLength(1);
  expect(warnings()[0]).toMatch(
    /cleartext password and store bcrypt in its place: the cluster's password_encryption is crdb-bcrypt, and the rule `.*` applies; set it to scram-sha-256/,
  );
});

it("is said once, however many users, and when a password is changed too", async () => {
  const { provider, state } = await deployed("v24.3", 6_000, {});
  await deploy(provider, { username: name(), password: "pw", iterations: 6_000 });
  expect(warnings()).toHaveLength(1);

  const changed = await check(provider, state, {
    username: state.username ?? "",
    password: "pw",
    iterations: 7_000,
  });
  unwrap((await provider.update("id", state, changed)).outs);
  expect(warnings()).toHaveLength(2);
});

it("is nothing to say of PostgreSQL", async () => {
  await deploy(userProviderFor(serverUrl()), { username: name(), password: "pw", iterations: 5_000 });
  expect(warnings()).toEqual([]);
});
