import type pg from "pg";
import * as statements from "./statements";

/** By name, of these users or of all; `undefined` where the administrator may not read them. */
export async function readStoredHashes(
  client: pg.ClientBase,
  names?: readonly string[],
): Promise<ReadonlyMap<string, string | null> | undefined> {
  const rows = await (names === undefined
    ? readUsers(client, statements.READ_STORED_HASHES, [])
    : readUsers(client, statements.READ_STORED_HASHES_OF, [names]));
  return rows && new Map(rows.map((row) => [row.username, hashOf(row)]));
}

interface UserRow {
  readonly username: string;
  readonly hashedPassword: Buffer | null;
}

function hashOf({ hashedPassword }: UserRow): string | null {
  return hashedPassword?.toString("utf8") || null;
}

/** For administrators; from v26.1 on, only in a session that asks for system tables. */
async function readUsers(
  client: pg.ClientBase,
  statement: string,
  values: readonly unknown[],
): Promise<readonly UserRow[] | undefined> {
  const first = await tryRead(client, statement, values);
  if (first !== "restricted") return first;
  await client.query(statements.ALLOW_SYSTEM_TABLES);
  const second = await tryRead(client, statement, values);
  return second === "restricted" ? undefined : second;
}

async function tryRead(
  client: pg.ClientBase,
  statement: string,
  values: readonly unknown[],
): Promise<readonly UserRow[] | undefined | "restricted"> {
  try {
    return (await client.query<UserRow>(statement, [...values])).rows;
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    if (code !== "42501") throw error;
    return String(message).includes("crdb_internal and system is restricted") ? "restricted" : undefined;
  }
}
