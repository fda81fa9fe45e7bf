import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { inject } from "vitest";

const { url, port, logFile } = inject("postgres");

/** The superuser's URL, or another user's. */
export function serverUrl(user?: string, password = ""): string {
  if (user === undefined) return url;
  return `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
}

/** Runs one statement as the superuser, on a connection of its own. */
export async function sql<Row extends pg.QueryResultRow>(
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** Logs in over TCP with node-postgres; resolves with the server's idea of who that is, rejects with its refusal. */
export async function login(user: string, password: string): Promise<string> {
  const client = new pg.Client({ host: "127.0.0.1", port, user, password, database: "postgres" });
  await client.connect();
  try {
    return (await client.query<{ who: string }>("SELECT session_user AS who")).rows[0]?.who ?? "";
  } finally {
    await client.end();
  }
}

export async function storedHash(role: string): Promise<string | null | undefined> {
  const rows = await sql<{ hash: string | null }>(
    "SELECT rolpassword AS hash FROM pg_authid WHERE rolname = $1",
    [role],
  );
  return rows[0]?.hash;
}

/**
 * An administrator of a test's own, so that its statements can be told from those of tests that run beside it.
 * @param options of CREATE ROLE
 */
export async function createAdmin(options: "SUPERUSER" | "CREATEROLE" | "NOCREATEROLE") {
  const user = `admin_${randomUUID().slice(0, 8)}`;
  await sql(`CREATE ROLE ${user} LOGIN ${options} PASSWORD 'Adm1n-pw'`);
  return { user, url: serverUrl(user, "Adm1n-pw") };
}

/** Starts to listen to what the server logs of one user's sessions; the function gives the entries since, as one text. */
export function watchServerLog(user: string): () => Promise<string> {
  const start = readFileSync(logFile, "utf8").length;
  return async () => {
    const log = (await logUpToNow()).slice(start);
    const entries = log.split(/^(?=\d{4}-\d\d-\d\d )/m);
    return entries.filter((entry) => entry.includes(` UTC ${user} `)).join("");
  };
}

/** The log arrives through a pipe, late: once a mark of our own is in it, so is all that came before. */
async function logUpToNow(): Promise<string> {
  const mark = randomUUID();
  await sql(`SELECT '${mark}'`);
  for (;;) {
    const log = readFileSync(logFile, "utf8");
    if (log.includes(mark)) return log;
    await setTimeout(20);
  }
}
