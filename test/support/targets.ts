import pg from "pg";
import { beforeAll, describe } from "vitest";
import { startPostgres } from "../../tools/postgres/server.mts";
import { startCockroachStandIn } from "../cockroachdb-stand-in/start";

/** A server to test against, from its administrator's side. */
export interface Target {
  readonly product: "postgresql" | "cockroachdb";
  readonly url: string;
  /** Runs one statement as the administrator. */
  sql<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Resolves with who we are, rejects with the server's refusal. */
  login(user: string, password: string): Promise<string>;
  storedHash(role: string): Promise<string | null | undefined>;
}

interface Started {
  readonly url: string;
  stop(): Promise<void>;
}

type Version = "v22.1" | "v24.3" | "v26.1";

const STAND_INS: readonly Version[] = ["v22.1", "v24.3", "v26.1"];
const real = process.env.SCRAM_TEST_COCKROACH_URL;

/** The same tests against PostgreSQL, the stand-in for CockroachDB in three versions, and CockroachDB where there is one. */
export function forEachTarget(tests: (target: Target) => void): void {
  withTarget("PostgreSQL", "postgresql", startPostgres, tests);
  forEachCockroachdb(tests);
}

export function forEachCockroachdb(tests: (target: Target) => void): void {
  for (const version of STAND_INS) {
    withTarget(`stand-in for CockroachDB ${version}`, "cockroachdb", () => startStandIn(version), tests);
  }
  if (real !== undefined) {
    withTarget("CockroachDB", "cockroachdb", async () => ({ url: real, stop: async () => {} }), tests);
  }
}

async function startStandIn(version: Version): Promise<Started> {
  const postgres = await startPostgres();
  const standIn = await startCockroachStandIn(postgres, { version });
  return {
    url: standIn.url,
    stop: async () => {
      await standIn.stop();
      await postgres.stop();
    },
  };
}

function withTarget(
  name: string,
  product: Target["product"],
  start: () => Promise<Started>,
  tests: (target: Target) => void,
): void {
  describe(name, () => {
    let url = "";
    beforeAll(async () => {
      const started = await start();
      url = started.url;
      return () => started.stop();
    });
    tests(target(product, () => url));
  });
}

/** @param url a function, for a server that starts only when the tests run */
export function target(product: Target["product"], url: () => string): Target {
  return {
    product,
    get url() {
      return url();
    },
    sql: (text, values) => query(url(), text, values),
    login: async (user, password) => {
      const own = new URL(url());
      own.username = encodeURIComponent(user);
      own.password = encodeURIComponent(password);
      const [row] = await query<{ who: string }>(own.href, "SELECT session_user AS who");
      return row?.who ?? "";
    },
    storedHash: async (role) => {
      const [row] = await query<{ hash: Buffer | string | null }>(url(), ...hashQuery(product, role));
      return row && (row.hash?.toString() ?? null);
    },
  };
}

function hashQuery(product: Target["product"], role: string): [string, unknown[]] {
  return product === "postgresql"
    ? ["SELECT rolpassword AS hash FROM pg_authid WHERE rolname = $1", [role]]
    : [`SELECT "hashedPassword" AS hash FROM system.users WHERE username = $1`, [role]];
}

/** Runs one statement on a connection of its own. */
export async function query<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  // CockroachDB v22.1 hashes with more iterations than the driver takes by itself.
  const client = new pg.Client({ connectionString: url, scramMaxIterations: 1_000_000 } as pg.ClientConfig);
  client.on("error", () => {});
  await client.connect();
  try {
    // From v26.1 on, system tables are closed until a session asks for them.
    if (text.includes("system.")) await client.query("SET allow_unsafe_internals = true").catch(() => {});
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}
