import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type PostgresServer, startPostgres } from "../../tools/postgres/server.mts";
import { temporaryFolder } from "../../tools/temporary-folder.mts";
import { createAuthority } from "../support/certificates";

const folder = temporaryFolder("trust");
const own = join(folder, "own.crt");
const stranger = join(folder, "stranger.crt");
let server: PostgresServer;

beforeAll(async () => {
  const authority = createAuthority();
  const { cert, key } = authority.issueServer("localhost");
  writeFileSync(own, authority.cert);
  writeFileSync(stranger, createAuthority().cert);
  server = await startPostgres({ ssl: "on" }, { "server.crt": cert, "server.key": key });
  return async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  };
});

/** The command with these in its environment from the start, where alone Node reads some of them. */
async function probe(query: string, variables: NodeJS.ProcessEnv) {
  const url = `postgresql://postgres@localhost:${server.port}/postgres?sslmode=verify-full${query}`;
  const command = spawn(process.execPath, [resolve("dist/cli/main.js"), "probe", url], {
    env: { ...process.env, ...variables },
    timeout: 30_000,
  });
  let said = "";
  for (const stream of [command.stdout, command.stderr])
    stream.on("data", (text) => {
      said += text;
    });
  const [status] = await once(command, "close");
  return { status, said };
}

/** What makes Node as a whole trust more, and whether that may serve a verify-full that names no root of its own. */
const WIDENED: readonly (readonly [string, NodeJS.ProcessEnv, boolean])[] = [
  ["nothing", {}, false],
  ["everything", { NODE_TLS_REJECT_UNAUTHORIZED: "0" }, false],
  ["the server's authority", { NODE_EXTRA_CA_CERTS: own }, true],
  ["OpenSSL's authorities", { NODE_OPTIONS: "--use-openssl-ca", SSL_CERT_FILE: own }, true],
  // Elsewhere they are in no file.
  ...(process.platform === "linux"
    ? ([["the system's authorities", { NODE_OPTIONS: "--use-system-ca", SSL_CERT_FILE: own }, true]] as const)
    : []),
];

describe.each(WIDENED)("Node trusts %s besides", (_case, variables, serves) => {
  it("and sslrootcert alone decides all the same", async () => {
    const { status, said } = await probe(`&sslrootcert=${stranger}`, variables);
    expect(said).toContain("shows a certificate of an authority that is not trusted here");
    expect(status).toBe(2);
    expect((await probe(`&sslrootcert=${own}`, variables)).status).toBe(0);
  });

  it(`which ${serves ? "serves" : "does not serve"} where there is none`, async () => {
    expect((await probe("", variables)).status).toBe(serves ? 0 : 2);
  });
});
