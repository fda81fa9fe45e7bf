import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { beginLogin } from "../../../src/database/connection/challenge";
import type { ConnectionSettings } from "../../../src/database/connection/settings";
import { resolveTarget } from "../../../src/database/connection/target";
import { Session } from "../../../src/database/session";
import { parseVerifier } from "../../../src/scram/verifier-text";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { createAuthority } from "../../support/certificates";

/** Who we are on the server, how we got in, and on which port. */
function whoAmI(settings: ConnectionSettings): Promise<string> {
  const session = new Session(resolveTarget(settings));
  return session.run("ask who we are", async (client) => {
    const { rows } = await client.query<{ who: string }>(
      `SELECT session_user || CASE WHEN ssl THEN ' over TLS' || coalesce(' as ' || client_dn, '') ELSE ' in plain' END
         || ' on ' || current_setting('port') AS who
       FROM pg_stat_ssl WHERE pid = pg_backend_pid()`,
    );
    return rows[0]?.who ?? "";
  });
}

const authority = createAuthority();
const folder = mkdtempSync(join(tmpdir(), "pulumi-scram-connection-"));
const file = (name: string) => join(folder, name);
let server: PostgresServer;
let standby: PostgresServer;

beforeAll(async () => {
  const { cert, key } = authority.issueServer("localhost");
  const hba = `
    hostssl all certain   all cert
    hostssl all encrypted all scram-sha-256
    host    all encrypted all reject
    hostnossl all plain   all scram-sha-256
    host    all plain     all reject
    host    all all       all scram-sha-256
    local   all all           scram-sha-256
  `;
  const files = { "server.crt": cert, "server.key": key, "ca.crt": authority.cert, "pg_hba.conf": hba };
  [server, standby] = await Promise.all([
    startPostgres({ ssl: "on", ssl_ca_file: "ca.crt", unix_socket_directories: "." }, files),
    startPostgres({ default_transaction_read_only: "on" }),
  ]);
  const clients = { certain: authority.issueClient("certain"), other: authority.issueClient("other") };
  writeFileSync(file("ca.crt"), authority.cert);
  writeFileSync(file("stranger.crt"), createAuthority().cert);
  for (const [name, { cert, key }] of Object.entries(clients)) {
    writeFileSync(file(`${name}.crt`), cert);
    writeFileSync(file(`${name}.key`), key);
  }
  const session = new Session(resolveTarget(server.url));
  for (const role of ["certain", "encrypted", "plain"]) {
    await session.run("create", (client) => client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'pw'`));
  }
});

afterAll(async () => {
  await Promise.all([server.stop(), standby.stop()]);
  rmSync(folder, { recursive: true });
});

afterEach(() => {
  vi.unstubAllEnvs();
});

const url = (user: string, query: string, host = "localhost") =>
  `postgresql://${user}@${host}:${server.port}/postgres?${query}`;

describe("sslmode", () => {
  it.each([
    ["disable", "in plain"],
    ["allow", "in plain"],
    ["prefer", "over TLS"],
    ["require", "over TLS"],
    ["verify-ca&sslrootcert=ca.crt", "over TLS"],
    ["verify-full&sslrootcert=ca.crt", "over TLS"],
  ])("%s: %s", async (mode, how) => {
    expect(
      await whoAmI(url("postgres:postgres", `sslmode=${mode.replace("ca.crt", file("ca.crt"))}`)),
    ).toContain(how);
  });

  it.each([
    ["prefer takes the other way where TLS is refused", "plain:pw", "prefer", "plain in plain"],
    ["allow takes the other way where TLS is wanted", "encrypted:pw", "allow", "encrypted over TLS"],
  ])("%s", async (_case, user, mode, expected) => {
    expect(await whoAmI(url(user, `sslmode=${mode}`))).toContain(expected);
  });

  it.each([
    [
      "disable where TLS is wanted",
      "encrypted:pw",
      "disable",
      "localhost",
      /does not let the administrator "encrypted" in: .*\[28000\]/,
    ],
    [
      "require where there is none",
      "postgres:postgres",
      "require",
      "standby",
      /does not offer TLS.*\[NO_TLS\]/,
    ],
    [
      "a certificate of an unknown authority",
      "postgres:postgres",
      "verify-ca&sslrootcert=stranger.crt",
      "localhost",
      /certificate/,
    ],
    [
      "a certificate for another name",
      "postgres:postgres",
      "verify-full&sslrootcert=ca.crt",
      "127.0.0.1",
      /certificate.*127\.0\.0\.1/,
    ],
    ["no root that knows it", "postgres:postgres", "verify-full", "localhost", /certificate/],
  ])("refused in one sentence: %s", async (_case, user, mode, host, message) => {
    const query = `sslmode=${mode.replace(/=(.*)\.crt/, (_, name) => `=${file(`${name}.crt`)}`)}`;
    const target = host === "standby" ? `${standby.url}?${query}` : url(user, query, host);
    await expect(whoAmI(target)).rejects.toThrow(message);
    await expect(whoAmI(target)).rejects.not.toThrow(/\n/);
  });
});

describe("a client certificate takes the place of a password", () => {
  it.each([
    ["its user's", "certain", "certain over TLS as /CN=certain"],
    ["another user's", "other", undefined],
  ])("%s", async (_case, name, expected) => {
    const login = whoAmI({
      host: "localhost",
      port: server.port,
      user: "certain",
      database: "postgres",
      sslmode: "verify-full",
      sslrootcert: file("ca.crt"),
      sslcert: file(`${name}.crt`),
      sslkey: file(`${name}.key`),
    });
    if (expected !== undefined) expect(await login).toContain(expected);
    else await expect(login).rejects.toThrow(/does not let the administrator "certain" in/);
  });
});

describe("what the server asks another user for", () => {
  const saltOf = async (role: string) => {
    const session = new Session(resolveTarget(server.url));
    const [row] = await session.run("read", async (client) => {
      const stored = await client.query<{ hash: string }>(
        "SELECT rolpassword AS hash FROM pg_authid WHERE rolname = $1",
        [role],
      );
      return stored.rows;
    });
    return parseVerifier(row?.hash ?? "").salt;
  };
  const asked = (settings: ConnectionSettings, user: string) =>
    new Session(resolveTarget(settings)).challenge(user);

  const PLAIN = ["SCRAM-SHA-256"];
  const BOUND = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"];
  const bySocket = () => ({
    host: join(dirname(server.logFile), "data"),
    port: server.port,
    user: "postgres",
    password: "postgres",
    database: "postgres",
  });

  it.each<[string, () => ConnectionSettings, string, string[]]>([
    ["in plain", () => `${server.url}?sslmode=disable`, "plain", PLAIN],
    ["over TLS, where nothing else is let in", () => `${server.url}?sslmode=require`, "encrypted", BOUND],
    ["over a Unix socket", bySocket, "plain", PLAIN],
  ])("salt and iteration count, %s", async (_way, connection, user, mechanisms) => {
    expect(await asked(connection(), user)).toEqual({
      asks: "scram-sha-256",
      salt: await saltOf(user),
      iterations: 4096,
      mechanisms,
    });
  });

  it("and gives up on a server that says nothing, soon", async () => {
    const mute = createServer(() => {});
    await once(mute.listen(0, "127.0.0.1"), "listening");
    const { port } = mute.address() as AddressInfo;
    const config = { host: "127.0.0.1", port, database: "postgres", ssl: false };
    await expect(beginLogin(config, "plain", 50)).rejects.toThrow("timeout");
    mute.close();
  });

  it("without the administrator's certificate, which is for nobody else", async () => {
    const { port } = new URL(server.url);
    const administrator = {
      host: "localhost",
      port,
      user: "certain",
      database: "postgres",
      sslmode: "verify-full",
      sslrootcert: file("ca.crt"),
      sslcert: file("certain.crt"),
      sslkey: file("certain.key"),
    };
    expect(await asked(administrator, "encrypted")).toMatchObject({ asks: "scram-sha-256" });
    // Itself it would be let in by it; without, it is refused.
    expect(await asked(administrator, "certain")).toEqual({
      asks: "refused",
      reason: "connection requires a valid client certificate",
      sqlstate: "28000",
    });
  });

  it("and its refusal, where it has one", async () => {
    expect(await asked(`${server.url}?sslmode=disable`, "encrypted")).toEqual({
      asks: "refused",
      reason: expect.stringMatching(/pg_hba.conf rejects connection/),
      sqlstate: "28000",
    });
  });
});

describe("the password, when the connection has none", () => {
  it("comes from PGPASSWORD", async () => {
    vi.stubEnv("PGPASSWORD", "postgres");
    expect(await whoAmI(url("postgres", ""))).toContain("postgres");
  });

  it("comes from the password file", async () => {
    writeFileSync(file("pgpass"), `localhost:${server.port}:*:plain:pw\n*:*:*:*:wrong\n`, { mode: 0o600 });
    vi.stubEnv("PGPASSFILE", file("pgpass"));
    expect(await whoAmI(url("plain", ""))).toContain("plain");
  });

  it("is missed with a sentence", async () => {
    vi.stubEnv("PGPASSFILE", file("none"));
    await expect(whoAmI(url("postgres", ""))).rejects.toThrow(
      /asks for the password of the administrator "postgres", and none is known/,
    );
  });
});

it.each(["prefer", "require"])("something else than PostgreSQL is told, with sslmode=%s", async (mode) => {
  const web = createServer((socket) => {
    socket.on("error", () => {}).once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  }).listen(0, "127.0.0.1");
  await once(web, "listening");
  const { port } = web.address() as AddressInfo;
  await expect(whoAmI(`postgresql://u:pw@127.0.0.1:${port}/db?sslmode=${mode}`)).rejects.toThrow(
    new RegExp(`127.0.0.1:${port} does not speak PostgreSQL's protocol`),
  );
  web.close();
});

describe("several hosts", () => {
  const several = (...ports: (number | string)[]) =>
    `postgresql://postgres:postgres@${ports.map((port) => (typeof port === "number" ? `127.0.0.1:${port}` : port)).join(",")}/postgres`;

  it("the first that answers is used", async () => {
    expect(await whoAmI(several(1, "db.invalid", server.port, standby.port))).toContain(`on ${server.port}`);
  });

  it("a server that accepts no writes is passed over, unless any will do", async () => {
    expect(await whoAmI(several(standby.port, server.port))).toContain(`on ${server.port}`);
    expect(await whoAmI(`${several(standby.port, server.port)}?target_session_attrs=any`)).toContain(
      `on ${standby.port}`,
    );
  });

  it("none: a sentence for each", async () => {
    await expect(whoAmI(several(1, "db.invalid", standby.port))).rejects.toThrow(
      /^no server can be used: \(1\) cannot reach the database at 127.0.0.1:1: .*\[ECONNREFUSED\]; \(2\) .*db.invalid:5432: .*; \(3\) 127.0.0.1:\d+ accepts no writes; name the primary server \[READ_ONLY\]$/,
    );
  });

  it("a refused password ends the search: the others would refuse it too, and count a failure", async () => {
    const wrong = several(server.port, standby.port).replace("postgres:postgres", "postgres:wrong");
    await expect(whoAmI(wrong)).rejects.toThrow(/^no server can be used: \(1\) .*\[28P01\]$/);
    await expect(whoAmI(wrong)).rejects.not.toThrow(/\(2\)/);
  });
});

it("work beyond the bounded number of connections waits its turn, however long, and is no failure to connect", async () => {
  const session = new Session(resolveTarget(`${server.url}?connect_timeout=1`));
  const backends = await Promise.all(
    Array.from({ length: 12 }, () =>
      session.run("wait", async (client) => {
        const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid, pg_sleep(0.6)");
        return rows[0]?.pid;
      }),
    ),
  );
  expect(backends).toHaveLength(12);
  expect(new Set(backends).size).toBe(4);
});

it("a pooled connection that the server has closed is replaced", async () => {
  const session = new Session(resolveTarget(server.url));
  const pid = () =>
    session.run(
      "ask",
      async (client) => (await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows[0]?.pid,
    );
  const before = await pid();
  await new Session(resolveTarget(server.url)).run("end it", (client) =>
    client.query("SELECT pg_terminate_backend($1)", [before]),
  );

  expect(await pid()).not.toBe(before);
});

it("somebody else's lock is waited for with a bound, not for ever", async () => {
  const session = new Session(resolveTarget(server.url));
  const bound = await session.run(
    "ask",
    async (client) => (await client.query<{ lock_timeout: string }>("SHOW lock_timeout")).rows[0],
  );
  expect(bound).toEqual({ lock_timeout: "30s" });
});
