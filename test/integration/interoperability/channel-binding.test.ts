import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { deriveVerifier, formatVerifier } from "../../../src/scram";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { createAuthority } from "../../support/certificates";
import { query } from "../../support/targets";

const authority = createAuthority();
const folder = mkdtempSync(join(tmpdir(), "pulumi-scram-binding-"));
const hasPsql = spawnSync("psql", ["--version"]).status === 0;
let server: PostgresServer;

beforeAll(async () => {
  const { cert, key } = authority.issueServer("localhost");
  server = await startPostgres({ ssl: "on" }, { "server.crt": cert, "server.key": key });
  writeFileSync(join(folder, "ca.crt"), authority.cert);
  const verifier = await deriveVerifier("right", { salt: randomBytes(16), iterations: 10_610 });
  await query(server.url, `CREATE ROLE alice LOGIN PASSWORD '${formatVerifier(verifier)}'`);
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** With channel_binding=require, libpq goes on with SCRAM-SHA-256-PLUS only. */
async function psql(password: string): Promise<string> {
  const target = `host=localhost port=${server.port} user=alice dbname=postgres sslmode=verify-full sslrootcert=${join(folder, "ca.crt")} channel_binding=require`;
  const { stdout } = await promisify(execFile)("psql", ["-Atc", "SELECT session_user", target], {
    env: { ...process.env, PGPASSWORD: password },
  });
  return stdout.trimEnd();
}

it.skipIf(!hasPsql)("psql, which a machine may lack, logs in bound to the channel", async () => {
  expect(await psql("right")).toBe("alice");
});

it.skipIf(!hasPsql)("psql, which a machine may lack, is refused with another password", async () => {
  await expect(psql("wrong")).rejects.toThrow('password authentication failed for user "alice"');
});
