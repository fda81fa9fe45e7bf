import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { hbaProvider } from "../../../src/provider/hba/hba";
import { cli } from "../../support/cli";
import { check, configured, deploy, unwrap } from "../../support/engine-side";
import { useHbaServer } from "../../support/hba-server";
import { describeSearch, searchLeaks } from "../../support/leaks";
import { query } from "../../support/targets";
import { warningsOf } from "../../support/warnings";

/** A server that writes down as much as it can. */
const server = useHbaServer({
  shared_preload_libraries: "pg_stat_statements,auto_explain",
  "pg_stat_statements.track": "all",
  "auto_explain.log_min_duration": "0",
  "auto_explain.log_nested_statements": "on",
  log_statement: "all",
  log_min_duration_statement: "0",
  log_min_error_statement: "debug5",
  log_parameter_max_length_on_error: "-1",
  log_transaction_sample_rate: "1",
  debug_print_parse: "on",
  debug_print_plan: "on",
});

const CANARIES = ["First", "Second", "Refused", "Unproved"].map((name) => ({
  label: name,
  secret: `${name}-7f3a-Canary`,
}));
const [FIRST, SECOND, REFUSED, UNPROVED] = CANARIES.map(({ secret }) => secret);
const DOOR = "host all postgres all scram-sha-256";
/** This server was built without LDAP. */
const ldap = (password: string | undefined) =>
  `host all all 10.0.0.0/8 ldap ldapserver=l ldapbasedn=dc=x ldapbinddn=cn=x ldapbindpasswd=${password}`;
const radius = (secret: string | undefined, host = "127.0.0.1") =>
  `host all all 10.0.0.0/8 radius radiusservers=${host} radiussecrets=${secret}`;

it("passwords in rules are in no log, no statistics, no message and not in the WAL, whatever comes of the rules", async () => {
  await query(server.url, "CREATE EXTENSION pg_stat_statements");
  await query(server.url, "ALTER ROLE postgres SET log_min_messages = 'debug5'");
  const provider = configured(hbaProvider(), server.url);
  const args = (...lines: string[]) => ({ product: "postgresql", text: lines.join("\n"), guard: "off" });
  const messages: string[] = [];
  const refusal = (attempt: Promise<unknown>) =>
    attempt.then(
      () => expect.fail("not refused"),
      (error: Error) => void messages.push(error.message),
    );

  messages.push(
    await warningsOf(async () => {
      // Written, changed, and found changed by somebody else.
      let state = await deploy(provider, args(DOOR, radius(FIRST)));
      const next = await check(provider, state, args(DOOR, radius(FIRST), radius(SECOND)));
      state = unwrap((await provider.update("hba", state, next)).outs);
      // Refused by the server alone, and by the proof of login.
      const update = async (text: Parameters<typeof check>[2]) =>
        provider.update("hba", state, await check(provider, state, text));
      await refusal(update(args(DOOR, radius(REFUSED, "nowhere.invalid"))));
      await refusal(update(args(DOOR, ldap(REFUSED))));
      await refusal(update(args("host all postgres all reject", radius(UNPROVED))));
      // Put back.
      messages.push(JSON.stringify(await cli(["hba", "restore", "--url", server.url])));
      await server.edit([DOOR, radius(FIRST), radius(SECOND), "# somebody else's"].join("\n"));
      await refusal(provider.delete("hba", state));
      await provider.delete("hba", unwrap((await provider.read("hba", state)).props));
    }),
  );
  await query(server.url, "SELECT pg_switch_wal()");
  const statistics = await query(server.url, "SELECT query FROM pg_stat_statements");
  const wal = join(server.folder, "pg_wal");
  const segments = readdirSync(wal, { withFileTypes: true }).filter((entry) => entry.isFile());
  const log = readFileSync(server.logFile, "utf8");

  const search = searchLeaks(CANARIES, [
    ["messages", messages.join("\n")],
    ["server log", log],
    ["pg_stat_statements", JSON.stringify(statistics)],
    ...segments.map(({ name }) => [`WAL ${name}`, readFileSync(join(wal, name))] as const),
  ]);
  console.log(`passwords in HBA rules: ${describeSearch(search)}`);
  expect(search.hits).toEqual([]);
  // There was something to be found.
  expect(messages).toHaveLength(6);
  expect(log).toContain("pg_read_binary_file");
  expect(segments.length).toBeGreaterThan(0);
});
