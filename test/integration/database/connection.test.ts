import { createPrivateKey } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { findServer } from "../../../src/database/connection/connect";
import { beginLogin } from "../../../src/database/connection/login/challenge";
import type { ConnectionSettings } from "../../../src/database/connection/parameters/settings";
import { resolveTarget } from "../../../src/database/connection/parameters/target";
import { probeLogin } from "../../../src/database/connection/probe";
import { Session } from "../../../src/database/session/session";
import { parseVerifier } from "../../../src/scram/verifier-text";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { temporaryFolder } from "../../../tools/temporary-folder.mts";
import { createAuthority } from "../../support/certificates";
import { serverHas } from "../../support/server-version";

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
const folder = temporaryFolder("connection");
const file = (name: string) => join(folder, name);
let server: PostgresServer;
let standby: PostgresServer;

beforeAll(async () => {
  const issued = authority.issueServer("localhost", "db.invalid");
  const { cert, key } = issued;
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
    startPostgres(
      { ssl: "on", ssl_ca_file: "ca.crt", unix_socket_directories: ".", log_connections: "on" },
      files,
    ),
    startPostgres({ default_transaction_read_only: "on" }),
  ]);
  writeFileSync(file("ca.crt"), authority.cert);
  const stranger = createAuthority("sha256", { name: "a stranger" });
  writeFileSync(file("stranger.crt"), stranger.cert);
  const clients = {
    certain: authority.issueClient("certain"),
    other: authority.issueClient("other"),
    unknown: stranger.issueClient("certain"),
  };
  writeFileSync(file("none.crl"), authority.revoke());
  writeFileSync(file("revoked.crl"), authority.revoke(issued));
  writeFileSync(file("strangers.crl"), stranger.revoke());
  for (const [name, { cert, key }] of Object.entries(clients)) {
    writeFileSync(file(`${name}.crt`), cert);
    writeFileSync(file(`${name}.key`), key, { mode: 0o600 });
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
      /not trusted here; name the file .* as sslrootcert/,
    ],
    [
      "a certificate for another name",
      "postgres:postgres",
      "verify-full&sslrootcert=ca.crt",
      "127.0.0.1",
      /certificate.*127\.0\.0\.1/,
    ],
    [
      "no root that knows it",
      "postgres:postgres",
      "verify-full",
      "localhost",
      /shows a certificate of an authority that is not trusted here; name the file .* as sslrootcert/,
    ],
  ])("refused in one sentence: %s", async (_case, user, mode, host, message) => {
    const query = `sslmode=${mode.replace(/=(.*)\.crt/, (_, name) => `=${file(`${name}.crt`)}`)}`;
    const target = host === "standby" ? `${standby.url}?${query}` : url(user, query, host);
    await expect(whoAmI(target)).rejects.toThrow(message);
    await expect(whoAmI(target)).rejects.not.toThrow(/\n/);
  });
});

const TRUSTED = () => `sslmode=verify-full&sslrootcert=${file("ca.crt")}`;

describe("a certificate of another authority", () => {
  it.each(["require", "verify-ca", "verify-full"])(
    "is refused with %s, whatever NODE_TLS_REJECT_UNAUTHORIZED says",
    async (mode) => {
      vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
      // What Node takes the variable for, where nothing else is said.
      const ssl = { ca: readFileSync(file("stranger.crt"), "utf8"), checkServerIdentity: () => undefined };
      const careless = new pg.Client({
        host: "localhost",
        port: server.port,
        user: "postgres",
        password: "postgres",
        ssl,
      });
      await careless.connect();
      await careless.end();

      const careful = url("postgres:postgres", `sslmode=${mode}&sslrootcert=${file("stranger.crt")}`);
      await expect(whoAmI(careful)).rejects.toThrow(/not trusted here/);
    },
  );
});

it("any of several root certificates will do", async () => {
  writeFileSync(
    file("both.crt"),
    ["stranger.crt", "ca.crt"].map((name) => readFileSync(file(name), "utf8")).join(""),
  );
  const query = `sslmode=verify-full&sslrootcert=${file("both.crt")}`;
  expect(await whoAmI(url("postgres:postgres", query))).toContain("over TLS");
});

describe("hostaddr", () => {
  const at = (host: string, query: string) => url("postgres:postgres", `${query}&hostaddr=127.0.0.1`, host);

  it("is connected to in place of looking the name up, which the certificate must have all the same", async () => {
    expect(await whoAmI(at("db.invalid", TRUSTED()))).toContain("over TLS");
    expect(await whoAmI(at("db.invalid", "sslmode=disable"))).toContain("in plain");
    await expect(whoAmI(at("other.invalid", TRUSTED()))).rejects.toThrow(
      /certificate's altnames.*other\.invalid/,
    );
    await expect(whoAmI(at("127.0.0.1", TRUSTED()))).rejects.toThrow(/certificate's altnames.*127\.0\.0\.1/);
  });

  it("is the environment's as well", async () => {
    vi.stubEnv("PGHOSTADDR", "127.0.0.1");
    expect(await whoAmI(url("postgres:postgres", TRUSTED(), "db.invalid"))).toContain("over TLS");
  });

  it("is asked, too, what it would ask a user", async () => {
    const { server: asked, tls } = await probeLogin(at("db.invalid", TRUSTED()));
    expect(asked).toBe(`db.invalid:${server.port} (127.0.0.1)`);
    expect(tls).toMatchObject({ trusted: true });
  });
});

describe("a service", () => {
  it("says where to connect, and how", async () => {
    const service = `[prod]\nhost=db.invalid\nhostaddr=127.0.0.1\nport=${server.port}\nuser=postgres\ndbname=postgres\n`;
    writeFileSync(file("services"), `${service}sslmode=verify-full\nsslrootcert=${file("ca.crt")}\n`);
    vi.stubEnv("PGSERVICEFILE", file("services"));
    vi.stubEnv("PGPASSWORD", "postgres");
    expect(await whoAmI("postgresql://?service=prod")).toBe(`postgres over TLS on ${server.port}`);
    expect(await whoAmI("postgresql://plain:pw@/?service=prod&sslmode=disable")).toContain("plain in plain");
  });
});

describe("versions of TLS", () => {
  const version = async (query: string) =>
    (await probeLogin(url("postgres:postgres", `sslmode=require&${query}`))).tls?.protocol;

  it("are the newest that both speak, or what is allowed", async () => {
    expect(await version("")).toBe("TLSv1.3");
    expect(await version("ssl_max_protocol_version=TLSv1.2")).toBe("TLSv1.2");
    expect(await version("ssl_min_protocol_version=TLSv1.3")).toBe("TLSv1.3");
  });

  it("are allowed by the environment as well", async () => {
    vi.stubEnv("PGSSLMAXPROTOCOLVERSION", "TLSv1.2");
    expect(await version("")).toBe("TLSv1.2");
  });

  it("none that both speak: a sentence", async () => {
    const old = "sslmode=require&ssl_min_protocol_version=TLSv1&ssl_max_protocol_version=TLSv1.1";
    await expect(whoAmI(url("postgres:postgres", old))).rejects.toThrow(
      /^localhost:\d+ speaks no version of TLS that the connection allows; see ssl_min_protocol_version /,
    );
  });
});

describe("a revoked certificate", () => {
  const login = (crl: string) => whoAmI(url("postgres:postgres", `${TRUSTED()}&sslcrl=${file(crl)}`));

  it("is refused, and another is not", async () => {
    expect(await login("none.crl")).toContain("over TLS");
    await expect(login("revoked.crl")).rejects.toThrow(/shows a certificate that its authority has revoked/);
  });

  it("cannot be told by the list of another authority", async () => {
    await expect(login("strangers.crl")).rejects.toThrow(/authority whose revocation list is missing; add/);
  });

  it("is found in a folder, and in the environment", async () => {
    mkdirSync(file("lists"));
    copyFileSync(file("revoked.crl"), join(file("lists"), "0123abcd.r0"));
    vi.stubEnv("PGSSLCRLDIR", file("lists"));
    await expect(whoAmI(url("postgres:postgres", TRUSTED()))).rejects.toThrow(/has revoked/);
  });
});

describe("TLS from the first byte (sslnegotiation=direct)", () => {
  const direct = () => url("postgres:postgres", `${TRUSTED()}&sslnegotiation=direct`);

  it.runIf(serverHas("directTls"))("works for sessions, and for what is only asked", async () => {
    expect(await whoAmI(direct())).toContain("over TLS");
    expect((await probeLogin(direct())).challenge).toMatchObject({ asks: "scram-sha-256" });
  });

  it("is what is sent: a server without TLS is asked for none, and goes away", async () => {
    const target = resolveTarget(`${standby.url}?sslmode=require&sslnegotiation=direct`);
    await expect(findServer(target)).rejects.toThrow(/ECONNRESET|disconnected|terminated/);
  });

  it.runIf(serverHas("directTls"))("is the environment's as well, and nothing to a socket", async () => {
    vi.stubEnv("PGSSLNEGOTIATION", "direct");
    vi.stubEnv("PGSSLMODE", "require");
    expect(await whoAmI(url("postgres:postgres", ""))).toContain("over TLS");
    const socket = { host: join(dirname(server.logFile), "data"), port: server.port, database: "postgres" };
    expect(await whoAmI({ ...socket, user: "postgres", password: "postgres" })).toContain("in plain");
  });
});

describe("a client certificate takes the place of a password", () => {
  const login = (name: string, more = {}) =>
    whoAmI({
      host: "localhost",
      port: server.port,
      user: "certain",
      database: "postgres",
      sslmode: "verify-full",
      sslrootcert: file("ca.crt"),
      sslcert: file(`${name}.crt`),
      sslkey: file(`${name}.key`),
      ...more,
    });

  it("its user's", async () => {
    expect(await login("certain")).toContain("certain over TLS as /CN=certain");
  });

  it("with an encrypted key, too", async () => {
    const encryption = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "Canary" } as const;
    const key = createPrivateKey(readFileSync(file("certain.key"), "utf8")).export(encryption);
    writeFileSync(file("encrypted.key"), key, { mode: 0o600 });
    const sslkey = file("encrypted.key");
    expect(await login("certain", { sslkey, sslpassword: "Canary" })).toContain("as /CN=certain");
    await expect(login("certain", { sslkey })).rejects.toThrow(
      /is encrypted; give its passphrase as sslpassword/,
    );
  });

  it.each([
    ["another user's", "other", {}],
    ["none, where sslcertmode forbids to show it", "certain", { sslcertmode: "disable" }],
  ])("%s does not", async (_case, name, more) => {
    await expect(login(name, more)).rejects.toThrow(/does not let the administrator "certain" in/);
  });
});

describe("the server refuses the client's certificate: with sslmode=prefer, nothing is tried in the open", () => {
  const logFor = (user: string) =>
    readFileSync(server.logFile, "utf8")
      .split("\n")
      .filter((line) => line.includes("connection auth") && line.includes(`user=${user}`));

  it.each([
    ["TLS 1.3: after the client believes that it is connected", "TLSv1.3"],
    ["TLS 1.2: in the handshake", "TLSv1.2"],
  ])("%s", async (_when, version) => {
    const user = `by_${version.replace(/\W/g, "").toLowerCase()}`;
    const administrator = new Session(resolveTarget(server.url));
    await administrator.run("create", (client) => client.query(`CREATE ROLE ${user} LOGIN PASSWORD 'pw'`));
    const settings = {
      host: "localhost",
      port: server.port,
      user,
      password: "pw",
      database: "postgres",
      sslmode: "prefer",
      ssl_max_protocol_version: version,
    } as const;
    // Without a certificate, or with one that is trusted there, TLS is what is used.
    expect(await whoAmI(settings)).toContain("over TLS");
    const before = logFor(user).length;

    const refused = whoAmI({ ...settings, sslcert: file("unknown.crt"), sslkey: file("unknown.key") });

    await expect(refused).rejects.toThrow(
      /refuses the certificate of this client \(sslcert\); .*or none \(sslcertmode=disable\) \[ERR_SSL_\S+\]$/,
    );
    expect(before).toBeGreaterThan(0);
    expect(logFor(user)).toHaveLength(before);
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
    await expect(beginLogin(config, "plain", { timeoutMs: 50 })).rejects.toThrow("timeout");
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

  it("comes from the connection's own password file, before the environment's", async () => {
    writeFileSync(file("pgpass"), "*:*:*:*:wrong\n", { mode: 0o600 });
    writeFileSync(file("passfile"), `localhost:${server.port}:*:plain:pw\n`, { mode: 0o600 });
    vi.stubEnv("PGPASSFILE", file("pgpass"));
    expect(await whoAmI(url("plain", `passfile=${file("passfile")}`))).toContain("plain");
  });

  it("does not come from a file that others may read, which is said", async () => {
    writeFileSync(file("open"), "*:*:*:*:pw\n", { mode: 0o644 });
    vi.stubEnv("PGPASSFILE", file("open"));
    await expect(whoAmI(url("plain", "sslmode=disable"))).rejects.toThrow(
      /^others may use the password file .+open, so it is not used; run chmod 0600/,
    );
    expect(await whoAmI(url("plain:pw", ""))).toContain("plain");
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
