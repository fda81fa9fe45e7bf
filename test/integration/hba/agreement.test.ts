import fc from "fast-check";
import pg from "pg";
import { beforeAll, expect, it } from "vitest";
import { reload } from "../../../src/database/postgresql/reload";
import { type HbaLogin, lintHba, matchHba } from "../../../src/hba";
import { classifyStoredHash, type StoredHash } from "../../../src/scram/stored-hash";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { createAuthority } from "../../support/certificates";
import { SERVER_VERSION } from "../../support/server-version";

const CONFIGURATIONS = 60;
const USERS = ["scrammed", "md5ed", "bare", "odd name"] as const;

let server: PostgresServer;
let admin: pg.Client;
const hashes = new Map<string, StoredHash>();

beforeAll(async () => {
  const { cert, key } = createAuthority().issueServer("localhost");
  server = await startPostgres({ ssl: "on" }, { "server.crt": cert, "server.key": key });
  admin = new pg.Client(server.url);
  await admin.connect();
  const statements = [
    "CREATE ROLE scrammed LOGIN PASSWORD 'pw'",
    "SET password_encryption = 'md5'",
    "CREATE ROLE md5ed LOGIN PASSWORD 'pw'",
    "RESET password_encryption",
    "CREATE ROLE bare LOGIN",
    `CREATE ROLE "odd name" LOGIN PASSWORD 'pw'`,
    "CREATE ROLE staff",
    "GRANT staff TO md5ed",
    "CREATE DATABASE other",
  ];
  for (const statement of statements) await admin.query(statement);
  const { rows } = await admin.query<{ rolname: string; rolpassword: string | null }>(
    "SELECT rolname, rolpassword FROM pg_authid",
  );
  for (const { rolname, rolpassword } of rows) hashes.set(rolname, classifyStoredHash(rolpassword));
  return async () => {
    await admin.end();
    await server.stop();
  };
});

const pick = (...choices: string[]) => fc.constantFrom(...choices);
const rule = fc
  .tuple(
    pick("host", "host", "hostssl", "hostnossl", "local"),
    pick("all", "all", "postgres", "other", "sameuser", "postgres,other", "replication", '"all"', "/^oth"),
    pick("all", "all", "scrammed", "md5ed", '"odd name"', "+staff", "bare,scrammed", "/^(md5|bare)", '"all"'),
    pick(
      "all",
      "all",
      "127.0.0.1/32",
      "127.0.0.0/8",
      "10.0.0.0/8",
      "127.0.0.1 255.255.255.255",
      "samehost",
      "::1/128",
      "localhost",
      "127.0.0.1/99",
    ),
    pick("scram-sha-256", "scram-sha-256", "md5", "password", "trust", "reject", "cert", "peer", "nonsense"),
  )
  .map(([type, database, user, address, method]) =>
    [type, database, user, ...(type === "local" ? [] : [address]), method].join(" "),
  );
const configuration = fc.array(rule, { minLength: 1, maxLength: 4 }).map((rules) => `${rules.join("\n")}\n`);

/** The rule that lets the test itself in stands first, for a user that no generated rule is about. */
const OURS = "host all postgres 127.0.0.1/32 scram-sha-256\n";

async function write(text: string): Promise<void> {
  const { rows } = await admin.query("SELECT lo_from_bytea(0, $1) AS oid", [Buffer.from(text)]);
  await admin.query("SELECT lo_export($1, current_setting('hba_file'))", [rows[0].oid]);
  await admin.query("SELECT lo_unlink($1)", [rows[0].oid]);
}

async function serverErrors(): Promise<{ line: number; message: string }[]> {
  const { rows } = await admin.query(
    "SELECT line_number AS line, error AS message FROM pg_hba_file_rules WHERE error IS NOT NULL ORDER BY 1",
  );
  return rows;
}

/** Whether the server lets the user in over a real connection. */
async function getsIn({ user, database, tls }: HbaLogin): Promise<boolean> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port: server.port,
    user,
    database,
    password: "pw",
    ssl: tls ? { rejectUnauthorized: false } : false,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

it("lint says what pg_hba_file_rules says, and match what a real login says", async () => {
  const logins: HbaLogin[] = USERS.flatMap((user) =>
    [true, false].flatMap((tls) =>
      ["postgres", "other"].map((database) => ({
        user,
        database,
        address: "127.0.0.1",
        tls,
        storedHash: hashes.get(user) ?? { kind: "none" as const },
        memberOf: user === "md5ed" ? ["staff"] : [],
      })),
    ),
  );
  const count = { refused: 0, loaded: 0, in: 0, out: 0, unknown: 0 };
  const disagreements: string[] = [];
  for (const generated of fc.sample(configuration, { numRuns: CONFIGURATIONS, seed: 42 })) {
    const text = OURS + generated;
    await write(text);
    const ours = lintHba(text, "postgresql", { version: String(SERVER_VERSION) }).filter(
      ({ severity }) => severity === "error",
    );
    const theirs = await serverErrors();
    if (JSON.stringify(ours.map(({ line, message }) => ({ line, message }))) !== JSON.stringify(theirs)) {
      disagreements.push(`${generated}lint: ${JSON.stringify(ours)}\nserver: ${JSON.stringify(theirs)}`);
    }
    if (theirs.length > 0) {
      count.refused++;
      continue;
    }
    count.loaded++;
    await reload(admin);
    for (const login of logins) {
      const { outcome, reason } = matchHba(text, login, "postgresql", {
        version: String(SERVER_VERSION),
        interfaces: [{ address: "127.0.0.1", netmask: "255.0.0.0" }],
      });
      if (outcome === "unknown") {
        count.unknown++;
        continue;
      }
      const real = await getsIn(login);
      count[real ? "in" : "out"]++;
      if (real !== (outcome === "succeeds")) {
        disagreements.push(
          `${generated}${login.user} on ${login.database}, TLS ${login.tls}: ${outcome} (${reason}), really ${real ? "in" : "out"}`,
        );
      }
    }
  }
  await write("host all all all scram-sha-256\n");

  console.log(
    `HBA: ${count.refused + count.loaded} texts (${count.refused} refused), ${count.in + count.out} logins tried (${count.in} got in), ${count.unknown} left open; ${disagreements.length} disagreements`,
  );
  expect(disagreements).toEqual([]);
  expect(count.in + count.out).toBeGreaterThanOrEqual(200);
  expect(Math.min(count.in, count.refused, count.out)).toBeGreaterThan(10);
}, 120_000);
