import type pg from "pg";
import { lacksPrivilege } from "../session/sqlstate";
import { inSavepoint } from "../session/transaction";
import * as statements from "./statements";

/** By name, of these users or of all; `undefined` where the administrator may not read them. */
export async function readStoredHashes(
  client: pg.ClientBase,
  names?: readonly string[],
): Promise<ReadonlyMap<string, string | null> | undefined> {
  const rows = await (names === undefined
    ? readUsers(client, statements.READ_STORED_HASHES, [])
    : readUsers(client, statements.READ_STORED_HASHES_OF, [names]));
  return rows && byName(rows);
}

/** Once `readStoredHashes` could, in the same transaction: after a role statement the cluster may not go back to a savepoint. */
export async function rereadStoredHashes(
  client: pg.ClientBase,
  names: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  return byName((await client.query<UserRow>(statements.READ_STORED_HASHES_OF, [names])).rows);
}

interface UserRow {
  readonly username: string;
  readonly hashedPassword: Buffer | null;
}

function byName(rows: readonly UserRow[]): ReadonlyMap<string, string | null> {
  return new Map(rows.map((row) => [row.username, hashOf(row)]));
}

function hashOf({ hashedPassword }: UserRow): string | null {
  return hashedPassword?.toString("utf8") || null;
}

/** For administrators; from v26.1 on, only in a transaction that asks for system tables. */
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
    return (await inSavepoint(client, () => client.query<UserRow>(statement, [...values]))).rows;
  } catch (error) {
    if (!lacksPrivilege(error)) throw error;
    return String((error as Error).message).includes("crdb_internal and system is restricted")
      ? "restricted"
      : undefined;
  }
}
