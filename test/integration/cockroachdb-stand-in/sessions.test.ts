import { randomUUID } from "node:crypto";
import { once } from "node:events";
import pg from "pg";
import { serialize } from "pg-protocol";
import { describe, expect, it } from "vitest";
import { startCockroachStandIn } from "../../cockroachdb-stand-in/start";
import { postgresOfFile, refusalOf, useStandIn } from "../../cockroachdb-stand-in/testing";

/** Facts 5.1: what a client recognises it by, and what passes through to PostgreSQL. */
describe.each(["v22.1", "v24.3", "v26.1"] as const)("%s: sessions", (version) => {
  const bed = useStandIn({ version });
  const product = new RegExp(`^CockroachDB CCL ${version}\\.`);

  it("says what it plays, at connect and when asked", async () => {
    const client = new pg.Client(bed.standIn.url);
    const statuses: Record<string, string> = {};
    // The driver has the event, its types have not.
    const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
    connection.on("parameterStatus", ({ parameterName, parameterValue }) => {
      statuses[parameterName] = parameterValue;
    });
    await client.connect();
    await client.end();
    expect(statuses.crdb_version).toMatch(product);
    expect(statuses.server_version).toBe("13.0.0");

    const read = `SELECT current_setting('crdb_version', true) AS a, pg_catalog.current_setting('crdb_version') AS b,
      version() AS c, current_setting('no_such', true) AS d, current_setting('server_version_num') AS e`;
    const [row] = await bed.rows(read);
    for (const text of [row?.a, row?.b, row?.c]) expect(text).toMatch(product);
    expect([row?.d, row?.e]).toEqual([null, "130000"]);
    expect((await bed.rows("SHOW crdb_version"))[0]?.crdb_version).toMatch(product);
  });

  it("passes queries through: parameters, types, prepared statements, several at once", async () => {
    await bed.withClient(async (client) => {
      const typed = await client.query("SELECT $1::int AS i, $2::text[] AS t, $3::bytea AS b", [
        1,
        ["a"],
        Buffer.from([0, 255]),
      ]);
      expect(typed.rows).toEqual([{ i: 1, t: ["a"], b: Buffer.from([0, 255]) }]);
      for (const x of [1, 2]) {
        expect(
          (await client.query({ name: "prepared", text: "SELECT $1::int AS x", values: [x] })).rows,
        ).toEqual([{ x }]);
      }
      const several = (await client.query("SELECT 1 AS a; SELECT 2 AS b;")) as unknown as pg.QueryResult[];
      expect(several.map(({ rows }) => rows)).toEqual([[{ a: 1 }], [{ b: 2 }]]);
      expect((await client.query("")).rows).toEqual([]);
      await expect(client.query("SELECT $1::int", ["x"])).rejects.toMatchObject({ code: "22P02" });
      await expect(client.query("SELEC")).rejects.toMatchObject({ code: "42601" });
      expect((await client.query("SELECT 'SHOW CLUSTER SETTING x; DO' AS \"pg_roles\"")).rows).toEqual([
        { pg_roles: "SHOW CLUSTER SETTING x; DO" },
      ]);
    });
  });

  it("keeps transactions: roles come and go with them, savepoints too", async () => {
    const name = `user_${randomUUID().slice(0, 8)}`;
    const exists = async () =>
      (await bed.rows("SELECT 1 FROM pg_roles WHERE rolname = $1", [name])).length === 1;
    await bed.withClient(async (client) => {
      await client.query("BEGIN");
      await client.query(`CREATE USER ${name} PASSWORD $1`, ["pw"]);
      expect(await exists()).toBe(false);
      await client.query("ROLLBACK");
      expect(await exists()).toBe(false);

      await client.query("BEGIN");
      await client.query(`CREATE USER ${name}`);
      await client.query("SAVEPOINT s");
      await expect(client.query(`CREATE USER ${name}`)).rejects.toMatchObject({ code: "42710" });
      await expect(client.query("SELECT 1")).rejects.toMatchObject({ code: "25P02" });
      await expect(client.query(`DROP USER ${name}`)).rejects.toMatchObject({ code: "25P02" });
      await client.query("ROLLBACK TO SAVEPOINT s");
      await client.query(`ALTER USER ${name} PASSWORD $1`, ["pw"]);
      await client.query("COMMIT");
    });
    expect(await exists()).toBe(true);
    expect(await bed.login(name, "pw")).toBe("in");
    // Several statements in one message are one transaction.
    expect(await bed.refusal(`DROP USER ${name}; CREATE USER root`)).toMatchObject({ code: "42710" });
    expect(await exists()).toBe(true);
    await bed.rows(`DROP USER ${name}`);
  });

  it("serves sessions beside each other", async () => {
    const names = Array.from({ length: 12 }, (_, i) => `beside_${i}`);
    await Promise.all(names.map((name) => bed.rows(`CREATE USER ${name} CREATEDB PASSWORD $1`, ["pw"])));
    expect(await Promise.all(names.map((name) => bed.login(name, "pw")))).toEqual(names.map(() => "in"));
    await Promise.all(names.map((name) => bed.rows(`DROP USER ${name}`)));
  });

  it("writes down all SQL, with its values", async () => {
    const before = bed.standIn.statements.length;
    await bed.rows("SELECT 1");
    await bed.rows("SELECT $1::text", ["value"]);
    await bed.refusal("CREATE USER root PASSWORD $1", ["secret"]);
    expect(bed.standIn.statements.slice(before)).toEqual([
      "root: SELECT 1",
      'root: SELECT $1::text -- ["value"]',
      'root: CREATE USER root PASSWORD $1 -- ["secret"]',
    ]);
  });
});

/** As postgres.js does: describe first, look, then go on. */
it("a client may flush and look before it goes on", async () => {
  const standIn = await startCockroachStandIn(await postgresOfFile());
  const client = new pg.Client(standIn.url);
  await client.connect();
  const { connection } = client as unknown as {
    connection: { stream: NodeJS.WritableStream } & NodeJS.EventEmitter;
  };
  const seen: string[] = [];
  connection.on("message", ({ name }) => seen.push(name));
  // The driver's own ends of queries would miss their query.
  connection.removeAllListeners("readyForQuery");
  for (const event of ["rowDescription", "dataRow", "commandComplete", "parseComplete"])
    connection.removeAllListeners(event);
  const ask = async (last: string, ...messages: Buffer[]) => {
    connection.stream.write(Buffer.concat(messages) as unknown as string);
    while (seen.at(-1) !== last) await once(connection, "message");
    return seen.splice(0);
  };
  const { parse, describe: look, flush, bind, execute, sync } = serialize;
  const text = "SELECT $1::int AS x";
  expect(await ask("rowDescription", parse({ text }), look({ type: "S" }), flush())).toEqual([
    "parseComplete",
    "parameterDescription",
    "rowDescription",
  ]);
  expect(await ask("readyForQuery", bind({ values: ["1"] }), execute(), sync())).toEqual([
    "bindComplete",
    "dataRow",
    "commandComplete",
    "readyForQuery",
  ]);
  const create = "CREATE USER flushed PASSWORD $1";
  expect(await ask("noData", parse({ text: create }), look({ type: "S" }), flush())).toEqual([
    "parseComplete",
    "parameterDescription",
    "noData",
  ]);
  expect(await ask("readyForQuery", bind({ values: ["pw"] }), execute(), sync())).toEqual([
    "bindComplete",
    "commandComplete",
    "readyForQuery",
  ]);
  client.end().catch(() => {});
  await standIn.stop();
});

describe("what our code is not to rely on", () => {
  const bed = useStandIn();

  it.each([
    ["SELECT pg_advisory_lock(1)", "42883", "unknown function: pg_advisory_lock()"],
    [
      "SELECT pg_catalog.pg_try_advisory_xact_lock(1)",
      "42883",
      "unknown function: pg_try_advisory_xact_lock()",
    ],
    ["DO $$ BEGIN END $$", "42601", 'at or near "DO": syntax error'],
    ["SET log_statement = 'none'", "42704", 'unrecognized configuration parameter "log_statement"'],
    ["SHOW log_statement", "42704", 'unrecognized configuration parameter "log_statement"'],
    [
      "SELECT set_config('log_statement', 'none', true)",
      "42704",
      'unrecognized configuration parameter "log_statement"',
    ],
    [
      "SELECT pg_catalog.current_setting('log_statement')",
      "42704",
      'unrecognized configuration parameter "log_statement"',
    ],
    ["SET crdb_version = 'x'", "55P02", 'parameter "crdb_version" cannot be changed'],
    ["SET password_encryption = 'crdb-bcrypt'", "55P02", 'parameter "password_encryption" cannot be changed'],
  ])("%s", async (sql, code, message) => {
    expect(await bed.refusal(sql)).toMatchObject({ code, message });
  });

  it("password_encryption mirrors the cluster setting, and may be set to what it is (facts 2.4)", async () => {
    await bed.rows("SET CLUSTER SETTING server.user_login.password_encryption = 2");
    expect(await bed.rows("SHOW password_encryption")).toEqual([{ password_encryption: "crdb-bcrypt" }]);
    await bed.rows("SET password_encryption = 'crdb-bcrypt'");
    await bed.rows("RESET CLUSTER SETTING server.user_login.password_encryption");
  });

  it("variables both have work as they do", async () => {
    await bed.withClient(async (client) => {
      await client.query("SET statement_timeout = '5s'; SET application_name TO 'me'; SET TIME ZONE 'UTC'");
      expect((await client.query("SHOW statement_timeout")).rows).toEqual([{ statement_timeout: "5s" }]);
      await client.query("RESET ALL");
      expect((await client.query("SHOW statement_timeout")).rows).toEqual([{ statement_timeout: "0" }]);
      expect((await client.query("SHOW crdb_version")).rows[0]?.crdb_version).toMatch(/^CockroachDB/);
      await client.query("BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE");
      await client.query("SET TRANSACTION READ ONLY");
      await client.query("COMMIT");
    });
  });
});

/** Facts 3.7. */
describe("restricted internals", () => {
  const restricted = {
    code: "42501",
    message: "Access to crdb_internal and system is restricted.",
    hint: "These interfaces are unsupported in production. To proceed, set the session variable allow_unsafe_internals = true (not recommended), or contact Cockroach Labs for a supported alternative.",
  };
  const READS = [
    'SELECT "hashedPassword" FROM system.users',
    "SELECT * FROM crdb_internal.cluster_settings",
    "SELECT crdb_internal.check_password_hash_format('x')",
  ];

  describe("since v26.1", () => {
    const bed = useStandIn({ version: "v26.1" });

    it.each(READS)("%s", async (sql) => {
      expect(await bed.refusal(sql)).toEqual(restricted);
    });

    it("open once the session says so, per transaction too", async () => {
      await bed.withClient(async (client) => {
        await client.query("BEGIN");
        await client.query("SET LOCAL allow_unsafe_internals = true");
        await client.query(READS[0] ?? "");
        await client.query("COMMIT");
        expect(await refusalOf(client.query(READS[0] ?? ""))).toEqual(restricted);
        await client.query("SET allow_unsafe_internals = on");
        await client.query(READS[1] ?? "");
        expect((await client.query("SHOW allow_unsafe_internals")).rows).toEqual([
          { allow_unsafe_internals: "on" },
        ]);
        await client.query("RESET allow_unsafe_internals");
        expect(await refusalOf(client.query(READS[0] ?? ""))).toEqual(restricted);
      });
    });

    it("or for a role from its next login on", async () => {
      await bed.rows(
        "CREATE USER trusted PASSWORD 'pw'; GRANT admin TO trusted; ALTER ROLE trusted SET allow_unsafe_internals = on",
      );
      await bed.withClient(
        async (client) => {
          await client.query(READS[0] ?? "");
        },
        bed.urlFor("trusted", "pw"),
      );
    });

    it("SHOW and pg_catalog stay open", async () => {
      await bed.rows("SHOW USERS");
      await bed.rows("SHOW CLUSTER SETTINGS");
      await bed.rows("SELECT rolname FROM pg_roles");
    });
  });

  describe("before v25.4", () => {
    const bed = useStandIn();

    it("the variable is unknown, the tables are open", async () => {
      expect(await bed.refusal("SET allow_unsafe_internals = true")).toMatchObject({ code: "42704" });
      await bed.rows(READS[0] ?? "");
    });
  });
});
