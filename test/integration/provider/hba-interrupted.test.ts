import { copyFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { expect, it } from "vitest";
import { hbaProvider } from "../../../src/provider/hba/hba";
import { cli } from "../../support/cli";
import { configured, deploy } from "../../support/engine-side";
import { getsIn } from "../../support/gets-in";
import { until, useHbaServer, useSilentRadius } from "../../support/hba-server";
import { query } from "../../support/targets";
import { warningsOf } from "../../support/warnings";
import { wireTo } from "../../support/wire";

const server = useHbaServer();
const radius = useSilentRadius();

const BEFORE = "host all all all scram-sha-256 # from before";
const UNPROVED = "host all all all scram-sha-256 # never proved";
const rules = (text: string) => ({ product: "postgresql", text, guard: "off" });

/** Who writes holds the lock; its statement is not shown. */
const END_WRITERS = `SELECT pg_terminate_backend(pid, 5000)
  FROM pg_locks WHERE relation = 'pg_shseclabel'::regclass AND mode = 'ShareUpdateExclusiveLock' AND granted`;

/** A write in whose middle the server ends the session that does it. */
async function interrupt(): Promise<void> {
  await server.edit(BEFORE);
  const wire = await wireTo(server.url);
  let ended = false;
  wire.onStatement(async (_number, statement, when) => {
    if (ended || when !== "before" || !statement.includes("set_config('application_name', $1")) return;
    ended = true;
    await query(server.url, END_WRITERS);
  });
  const interrupted = deploy(configured(hbaProvider(), wire.url), rules(UNPROVED));
  await expect(interrupted).rejects.toThrow(/CONNECTION_LOST/);
}

const COPIES = { "pg_hba.conf.pulumi-scram-before": BEFORE, "pg_hba.conf.pulumi-scram-after": UNPROVED };

it("a write that the server has not ended leaves the text from before beside the file, for whoever may read that", async () => {
  await interrupt();

  expect(server.files()).toEqual({ "pg_hba.conf": UNPROVED, ...COPIES });
  for (const name of Object.keys(server.files()))
    expect([name, statSync(join(server.folder, name)).mode & 0o777]).toEqual([name, 0o600]);
});

it("`hba restore` puts it back, and has nothing to do afterwards", async () => {
  await interrupt();

  const restored = await cli(["hba", "restore", "--url", server.url]);
  expect(restored).toMatchObject({
    status: 0,
    out: expect.stringMatching(
      /^a write of the HBA rules of 127.0.0.1:\d+ had been interrupted: the rules from before it are back in force\n$/,
    ),
  });
  expect(server.files()).toEqual({ "pg_hba.conf": BEFORE });

  const again = await cli(["hba", "restore", "--url", server.url]);
  expect(again).toMatchObject({
    status: 0,
    out: expect.stringMatching(/^no write of the HBA rules of 127.0.0.1:\d+ was interrupted\n$/),
  });
});

it("`hba restore` leaves what somebody else has written since, and says where the text from before is", async () => {
  await interrupt();
  const foreign = "host all all all scram-sha-256 # the way out";
  await server.edit(foreign);

  expect(await cli(["hba", "restore", "--url", server.url])).toMatchObject({
    status: 1,
    out: expect.stringMatching(
      /left alone; the text from before it is in .*\/data\/pg_hba.conf.pulumi-scram-before\n$/,
    ),
  });
  expect(server.files()).toEqual({ "pg_hba.conf": foreign, ...COPIES });
});

it("the next up puts it back, and then does what is declared, for the unproved rules too", async () => {
  await interrupt();
  const provider = configured(hbaProvider(), server.url);

  const warnings = await warningsOf(async () => {
    const state = await deploy(provider, rules(UNPROVED));
    expect(Buffer.from(String(state.previous), "base64").toString()).toBe(BEFORE);
  });

  expect(warnings).toMatch(/had been interrupted: the rules from before it are back in force/);
  expect(server.files()).toEqual({ "pg_hba.conf": UNPROVED });
});

it("a copy that was not complete when the server stopped, before it had changed the file, is of no account", async () => {
  await server.edit(BEFORE);
  writeFileSync(join(server.folder, "pg_hba.conf.pulumi-scram-before"), BEFORE.slice(0, 9));
  expect((await cli(["hba", "restore", "--url", server.url])).out).toMatch(/^no write .* was interrupted/);
  writeFileSync(join(server.folder, "pg_hba.conf.pulumi-scram-before"), BEFORE);
  writeFileSync(join(server.folder, "pg_hba.conf.pulumi-scram-after"), UNPROVED.slice(0, 9));
  expect((await cli(["hba", "restore", "--url", server.url])).out).toMatch(/^no write .* was interrupted/);
  expect(server.files()).toEqual({ "pg_hba.conf": BEFORE });
});

it("where the administrator is locked out, `hba restore` says what can be done with the files, and that does it", async () => {
  // RADIUS takes the password in clear.
  const url = `${server.url}?require_auth=password,scram-sha-256`;
  await server.edit(BEFORE);
  const inside = new pg.Client(server.url);
  await inside.connect();
  const asked = radius.asked();
  const lockingOut = rules(`host all postgres all ${radius.method}\nhost all all all scram-sha-256`);
  const interrupted = deploy(configured(hbaProvider(), url), lockingOut);
  interrupted.catch(() => {});
  await asked;
  await inside.query(END_WRITERS);
  await inside.end();
  await expect(interrupted).rejects.toThrow(/CONNECTION_LOST/);
  expect(await getsIn({ connectionString: server.url })).toBe(false);

  const { status, err } = await cli(["hba", "restore", "--url", url]);

  expect(status).toBe(2);
  expect(err).toMatch(/does not let the administrator "postgres" in: .*\[28000\]\n$/);
  expect(err).toContain("\n  cp pg_hba.conf.pulumi-scram-before pg_hba.conf\n  pg_ctl reload");
  copyFileSync(join(server.folder, "pg_hba.conf.pulumi-scram-before"), join(server.folder, "pg_hba.conf"));
  const [postmaster] = readFileSync(join(server.folder, "postmaster.pid"), "utf8").split("\n");
  process.kill(Number(postmaster), "SIGHUP");
  await until(() => getsIn({ connectionString: server.url }));
  // The copies go with the next one who looks.
  expect((await cli(["hba", "restore", "--url", url])).out).toMatch(/^no write .* was interrupted/);
  expect(Object.keys(server.files())).toEqual(["pg_hba.conf"]);
});
