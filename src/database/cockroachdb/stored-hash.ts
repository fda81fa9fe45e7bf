import type pg from "pg";
import type { StoredHashReading } from "../role";
import * as statements from "./statements";

/** Readable for administrators; from v26.1 on, only in a session that asks for system tables. */
export async function readStoredHash(client: pg.ClientBase, name: string): Promise<StoredHashReading> {
  const first = await read(client, name);
  if (first !== "restricted") return first;
  await client.query(statements.ALLOW_SYSTEM_TABLES);
  const second = await read(client, name);
  return second === "restricted" ? { readable: false } : second;
}

async function read(client: pg.ClientBase, name: string): Promise<StoredHashReading | "restricted"> {
  try {
    const { rows } = await client.query<{ hashedPassword: Buffer | null }>(statements.READ_STORED_HASH, [
      name,
    ]);
    const hash = rows[0]?.hashedPassword?.toString("utf8");
    return { readable: true, hash: hash || null };
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    if (code !== "42501") throw error;
    return String(message).includes("crdb_internal and system is restricted")
      ? "restricted"
      : { readable: false };
  }
}
