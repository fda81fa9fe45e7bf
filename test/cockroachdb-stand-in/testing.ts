import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import { type PostgresServer, startPostgres } from "../../tools/postgres/server.mts";
import { type RunningStandIn, type StandInOptions, startCockroachStandIn } from "./start";

/** What a server says no with. */
export interface Refusal {
  readonly code: string | undefined;
  readonly message: string;
  readonly hint?: string;
}

export interface TestBed {
  readonly standIn: RunningStandIn;
  /** The stand-in's URL for another user. */
  urlFor(user: string, password: string): string;
  /** Rows of a statement by `root`, on a connection of its own. */
  rows(sql: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** The refusal of a statement by `root`, or `undefined` if it went well. */
  refusal(sql: string, values?: readonly unknown[]): Promise<Refusal | undefined>;
  /** A connection by `root`, or another user, for several statements. */
  withClient<T>(work: (client: pg.Client) => Promise<T>, config?: string | pg.ClientConfig): Promise<T>;
  /** `"in"`, or why not. */
  login(user: string, password: string): Promise<"in" | Refusal>;
  /** What `system.users` holds, as text. */
  storedHash(user: string): Promise<string | null | undefined>;
}

let postgres: Promise<PostgresServer> | undefined;
afterAll(async () => (await postgres)?.stop());

/**
 * A PostgreSQL for the stand-ins of this test file, which come one after the other. Not the run's: roles belong to the
 * whole server, so that two stand-ins at once see each other's users of the same name.
 */
export function postgresOfFile(): Promise<PostgresServer> {
  postgres ??= startPostgres({ log_statement: "none" });
  return postgres;
}

/** A stand-in for the tests of a file or of a group in it. */
export function useStandIn(options: StandInOptions = {}): TestBed {
  let standIn: RunningStandIn | undefined;
  const running = () => {
    if (standIn === undefined) throw new Error("the stand-in runs only during tests");
    return standIn;
  };
  beforeAll(async () => {
    standIn = await startCockroachStandIn(await postgresOfFile(), options);
  });
  afterAll(() => standIn?.stop());

  const urlFor = (user: string, password: string) => {
    const url = new URL(running().url);
    url.username = encodeURIComponent(user);
    url.password = encodeURIComponent(password);
    return url.href;
  };
  const withClient: TestBed["withClient"] = async (work, config = running().url) => {
    const given = typeof config === "string" ? { connectionString: config } : config;
    // The real server's default cost of v22.1 is more than the driver takes by itself.
    const client = new pg.Client({ ...given, scramMaxIterations: 1_000_000 } as pg.ClientConfig);
    client.on("error", () => {});
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  const rows: TestBed["rows"] = (sql, values = []) =>
    withClient(async (client) => (await client.query(sql, [...values])).rows);
  return {
    get standIn() {
      return running();
    },
    urlFor,
    withClient,
    rows,
    refusal: (sql, values) => refusalOf(rows(sql, values)),
    login: async (user, password) => {
      const outcome = withClient(async (client) => client.query("SELECT 1"), urlFor(user, password));
      return (await refusalOf(outcome)) ?? "in";
    },
    storedHash: async (user) => {
      const read = `SELECT convert_from("hashedPassword", 'UTF8') AS hash FROM system.users WHERE username = $1`;
      const [row] = await withClient(async (client) => {
        await client.query("SET allow_unsafe_internals = on").catch(() => {});
        return (await client.query<{ hash: string | null }>(read, [user])).rows;
      });
      return row?.hash;
    },
  };
}

/** The refusal a promise ends with, `undefined` if it ends well; errors that are no refusals stay errors. */
export async function refusalOf(promise: Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    const { code, message, hint } = error;
    return { code, message, ...(hint !== undefined && { hint }) };
  }
}
