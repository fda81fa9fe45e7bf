import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { until, useHbaServer, useSilentRadius } from "../../support/hba-server";
import { startHbaWriter } from "../../support/hba-writer";
import { query } from "../../support/targets";

/** On the way to the proof of login, and while it is waited for. */
const MOMENTS_MS = [...Array.from({ length: 10 }, (_, i) => i * 30), 400, 700, 1500];

// A server that looks after its clients is not to give up what it does for one that is gone.
const server = useHbaServer({ client_connection_check_interval: "10ms" });
const radius = useSilentRadius();

async function writeAndKill(args: object, afterMs: number): Promise<void> {
  const writer = await startHbaWriter(server.url);
  // Of a process that is killed there is no more to know.
  const writing = writer.write(args).catch(() => {});
  await sleep(afterMs);
  await writer.kill();
  await writing;
}

/** The files once the administrator gets in and nobody else is there, for then nothing more happens. */
const settled = () =>
  until(async () => {
    const others = `SELECT FROM pg_stat_activity
      WHERE backend_type = 'client backend' AND usename IS NOT NULL AND pid <> pg_backend_pid()`;
    const rows = await query(server.url, others).catch(() => undefined);
    return rows?.length === 0 && server.files();
  });

it("a writer killed at any moment of a write that locks the administrator out: the server goes back by itself", async () => {
  const before = await settled();
  for (const [round, moment] of MOMENTS_MS.entries()) {
    await writeAndKill({ text: `host all all all ${radius.method} # ${round}`, guard: "off" }, moment);
    expect(await settled(), `killed after ${moment} ms`).toEqual(before);
  }
}, 300_000);

it("a writer killed at any moment of a write that lets the administrator in: the old rules or the new ones, and nothing else", async () => {
  let before = await settled();
  for (const [round, moment] of MOMENTS_MS.entries()) {
    const text = `host all all all scram-sha-256 # ${round}`;
    await writeAndKill({ text }, moment);
    const after = await settled();
    expect([before, { "pg_hba.conf": text }], `killed after ${moment} ms`).toContainEqual(after);
    before = after;
  }
}, 300_000);
