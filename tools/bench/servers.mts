import { startPostgres } from "../postgres/server.mts";
import "./source-hook.mts";

export interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

export interface ServerKind {
  readonly name: string;
  /** How it is written to (src/database). */
  readonly note: string;
  start(): Promise<Server>;
}

/** About what a role statement costs a small cluster, which waits for its schema change. */
const ROLE_STATEMENT_MS = 150;

export const SERVERS: readonly ServerKind[] = [
  {
    name: "PostgreSQL 18",
    note: "a transaction a role, on up to 4 connections",
    // As a server that people rely on; what the tests log would be measured as well.
    start: () => startPostgres({ fsync: "on", log_statement: "none" }),
  },
  {
    name: `stand-in for CockroachDB, ${ROLE_STATEMENT_MS} ms a role statement`,
    note: "what is in flight together goes in one transaction, paid for once",
    start: startStandIn,
  },
];

async function startStandIn(): Promise<Server> {
  const { startCockroachStandIn } = await import("../../test/cockroachdb-stand-in/start.ts");
  const postgres = await startPostgres({ log_statement: "none" });
  try {
    const standIn = await startCockroachStandIn(postgres, { roleStatementDelayMs: ROLE_STATEMENT_MS });
    return {
      url: standIn.url,
      async stop() {
        await standIn.stop().catch(() => {});
        await postgres.stop();
      },
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}
