import { execFile, execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";

import { readFileSync, rmSync, writeFileSync } from "node:fs";

import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { deriveVerifier, formatVerifier } from "../../../src/scram";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { temporaryFolder } from "../../../tools/temporary-folder.mts";
import { createAuthority } from "../../support/certificates";
import { loginAs } from "../../support/login";
import { query } from "../../support/targets";

const authority = createAuthority();
const folder = temporaryFolder("binding");
const hasPsql = spawnSync("psql", ["--version"]).status === 0;
let server: PostgresServer;

beforeAll(async () => {
  const { cert, key } = authority.issueServer("localhost");
  server = await startPostgres({ ssl: "on" }, { "server.crt": cert, "server.key": key, ...certificates() });
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
  const target = `host=localhost port=${server.port} user=alice dbname=postgres sslmode=verify-full sslrootcert='${join(folder, "ca.crt")}' channel_binding=require`;
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

/** Every signature that PostgreSQL can bind to, as OpenSSL is told to make it. */
const SIGNATURES: Readonly<Record<string, string>> = {
  "RSA with SHA-256": "rsa:2048 -sha256",
  "RSA with SHA-384": "rsa:2048 -sha384",
  "RSASSA-PSS with SHA-512": "rsa:2048 -sha512 -sigopt rsa_padding_mode:pss",
  "ECDSA with SHA-256": "ec -pkeyopt ec_paramgen_curve:prime256v1 -sha256",
  "ECDSA with SHA-384": "ec -pkeyopt ec_paramgen_curve:secp384r1 -sha384",
};

/** A certificate and its key for each, as `0.crt`, `0.key` … */
function certificates(): Record<string, string> {
  const files: Record<string, string> = {};
  for (const [i, how] of Object.values(SIGNATURES).entries()) {
    const args = `req -x509 -newkey ${how} -nodes -subj /CN=localhost -days 2 -keyout ${i}.key -out ${i}.crt`;
    execFileSync("openssl", args.split(" "), { cwd: folder, stdio: "ignore" });
    for (const file of [`${i}.key`, `${i}.crt`]) files[file] = readFileSync(join(folder, file), "utf8");
  }
  return files;
}

it.each([...Object.keys(SIGNATURES).entries()])(
  "our client logs in bound to certificate %i: %s",
  async (i) => {
    await query(server.url, `ALTER SYSTEM SET ssl_cert_file = '${i}.crt'`);
    await query(server.url, `ALTER SYSTEM SET ssl_key_file = '${i}.key'`);
    await query(server.url, "SELECT pg_reload_conf()");
    const inForce = async () => (await query<{ ssl_cert_file: string }>(server.url, "SHOW ssl_cert_file"))[0];
    while ((await inForce())?.ssl_cert_file !== `${i}.crt`);

    expect(await loginAs(`${server.url}?sslmode=require&channel_binding=require`)).toBe("in");
    expect(await loginAs(`${server.url.replace("postgres@", "wrong@")}?sslmode=require`)).toBe("28P01");
  },
);
