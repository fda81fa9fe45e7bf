import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { expect, it, onTestFinished } from "vitest";
import { resolveTarget } from "../../../src/database/connection/parameters/target";
import { alone } from "../../../src/database/postgresql/hba/lock";
import { Session } from "../../../src/database/session/session";
import { hbaProvider } from "../../../src/provider/hba/hba";
import { configured, deploy } from "../../support/engine-side";
import { until, useHbaServer } from "../../support/hba-server";
import { serverHas } from "../../support/server-version";
import { query } from "../../support/targets";
import { wireTo } from "../../support/wire";

const server = useHbaServer();
const rules = (text: string) => ({ product: "postgresql", text });
const inDatabase = (name: string) => server.url.replace(/postgres$/, name);

it("a writer in another database is waited for, and named when that takes too long", async () => {
  await query(server.url, "CREATE DATABASE other");
  const other = new pg.Client(inDatabase("other"));
  await other.connect();
  onTestFinished(() => other.end());
  await other.query("BEGIN");
  await other.query("LOCK TABLE pg_catalog.pg_shseclabel IN SHARE UPDATE EXCLUSIVE MODE");
  const { rows } = await other.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");

  const session = new Session(resolveTarget(server.url));
  const waiting = alone(session, "write the HBA rules", async () => "done", 200);
  await expect(waiting).rejects.toThrow(
    `another session (process ${rows[0]?.pid} of the server) has been writing the HBA rules of 127.0.0.1:${server.port} for more than 0.2 s; ` +
      `try again when it is done, or end it there with pg_cancel_backend(${rows[0]?.pid}), which puts the rules from before back`,
  );

  const patient = alone(session, "write the HBA rules", async () => "done");
  await other.query("COMMIT");
  expect(await patient).toBe("done");
});

it("meanwhile everybody logs in, and roles are made, changed and dropped", async () => {
  const session = new Session(resolveTarget(server.url));
  await alone(session, "write the HBA rules", async () => {
    for (const statement of [
      "CREATE ROLE busy LOGIN",
      "ALTER ROLE busy SET work_mem = '1MB'",
      "COMMENT ON ROLE busy IS 'x'",
      "GRANT pg_monitor TO busy",
      "DROP ROLE busy",
      "VACUUM pg_catalog.pg_authid",
    ])
      await query(`${server.url}?options=-c%20lock_timeout%3D5s`, statement);
  });
});

it("time limits of the administrator do not end a write halfway", async () => {
  const limits = [
    "statement_timeout",
    ...(serverHas("transactionTimeout") ? ["transaction_timeout"] : []),
    "idle_in_transaction_session_timeout",
    "idle_session_timeout",
  ];
  for (const limit of limits) await query(server.url, `ALTER ROLE postgres SET ${limit} = '400ms'`);
  onTestFinished(async () => void (await query(server.url, "ALTER ROLE postgres RESET ALL")));
  const wire = await wireTo(server.url);
  let slow = 0;
  wire.onStatement(async (_number, statement, when) => {
    // By which we see that it is time to log in.
    if (slow > 0 || when !== "before" || !statement.includes("application_name OPERATOR")) return;
    slow++;
    await sleep(1000);
  });

  await deploy(configured(hbaProvider(), wire.url), rules("host all all all scram-sha-256 # slowly proved"));

  expect(slow).toBe(1);
  expect(server.files()).toEqual({ "pg_hba.conf": "host all all all scram-sha-256 # slowly proved" });
});

it("a database without plpgsql, in which the server could not go back by itself, is refused with a sentence", async () => {
  await query(server.url, "CREATE DATABASE bare");
  await query(inDatabase("bare"), "DROP EXTENSION plpgsql");
  const before = server.files();

  await expect(
    deploy(configured(hbaProvider(), inDatabase("bare")), rules("host all all all scram-sha-256 # bare")),
  ).rejects.toThrow(
    "the connection's database has no plpgsql, in which the server puts HBA rules back by itself; run CREATE EXTENSION plpgsql there, or connect to another database",
  );
  expect(server.files()).toEqual(before);
});

it("a session that the server is told to cancel puts the rules from before back", async () => {
  const before = server.files();
  const wire = await wireTo(server.url);
  wire.onStatement(async (_number, statement, when) => {
    if (when === "before" && statement.includes("set_config('application_name', $1"))
      await query(
        server.url,
        "SELECT pg_cancel_backend(pid) FROM pg_locks WHERE relation = 'pg_shseclabel'::regclass AND mode = 'ShareUpdateExclusiveLock' AND granted",
      );
  });

  const refused = deploy(
    configured(hbaProvider(), wire.url),
    rules("host all all all scram-sha-256 # cancelled"),
  );

  await expect(refused).rejects.toThrow(
    /^could not write the HBA rules on .*: canceling statement due to user request; the rules from before are back in force$/,
  );
  expect(server.files()).toEqual(before);
});

it("a login that the server does not see, as behind a pooler that keeps connections, is no proof", async () => {
  const before = server.files();
  const wire = await wireTo(`${server.url}?connect_timeout=1`);
  let isOver = false;
  wire.onStatement(async (_number, statement, when) => {
    if (when === "before" && statement.includes("set_config('application_name', $1"))
      await until(async () => isOver);
  });

  const refused = deploy(
    configured(hbaProvider(), wire.url),
    rules("host all all all scram-sha-256 # unseen"),
  );
  refused
    .catch(() => {})
    .finally(() => {
      isOver = true;
    });

  await expect(refused).rejects.toThrow(
    /the server has seen no new login; .*; the rules from before are back in force/,
  );
  expect(server.files()).toEqual(before);
});
