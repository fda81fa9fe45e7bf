import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import pg from "pg";
import { Connection } from "postgrejs";
import postgres from "postgres";

export interface Login {
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** Logs in to a server on 127.0.0.1 and asks who it is; rejects with the client's or the server's refusal. */
export type Client = (login: Login) => Promise<string>;

const WHO = "SELECT session_user";
const run = promisify(execFile);
const there = (command: string, args: readonly string[]) => spawnSync(command, args).status === 0;

const PSYCOPG = `
import os, sys, psycopg
with psycopg.connect(host="127.0.0.1", port=sys.argv[1], user=sys.argv[2], password=os.environ["PASSWORD"], dbname="postgres") as connection:
    print(connection.execute("${WHO}").fetchone()[0])
`;

/** The clients that this machine has; npm carries the first three. */
export const CLIENTS: Readonly<Record<string, Client>> = {
  pg: async ({ port, user, password }) => {
    const client = new pg.Client({ host: "127.0.0.1", port, user, password, database: "postgres" });
    await client.connect();
    try {
      return (await client.query<{ session_user: string }>(WHO)).rows[0]?.session_user ?? "";
    } finally {
      await client.end();
    }
  },
  "postgres.js": async ({ port, user, password }) => {
    const sql = postgres({ host: "127.0.0.1", port, user, password, database: "postgres", max: 1 });
    try {
      return (await sql.unsafe(WHO))[0]?.session_user;
    } finally {
      await sql.end();
    }
  },
  postgrejs: async ({ port, user, password }) => {
    const connection = new Connection({ host: "127.0.0.1", port, user, password, database: "postgres" });
    try {
      await connection.connect();
      return (await connection.query(WHO)).rows?.[0]?.[0];
    } finally {
      await connection.close(0);
    }
  },
  ...(there("psql", ["--version"]) && {
    psql: async ({ port, user, password }: Login) => {
      const args = ["-h", "127.0.0.1", "-p", String(port), "-U", user, "-d", "postgres", "-Atc", WHO];
      return (await run("psql", args, { env: { ...process.env, PGPASSWORD: password } })).stdout.trimEnd();
    },
  }),
  ...(there("python3", ["-c", "import psycopg"]) && {
    psycopg: async ({ port, user, password }: Login) => {
      const args = ["-c", PSYCOPG, String(port), user];
      const env = { ...process.env, PASSWORD: password, PYTHONUTF8: "1" };
      return (await run("python3", args, { env })).stdout.trimEnd();
    },
  }),
};
