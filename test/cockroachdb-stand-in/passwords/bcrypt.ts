import { escapeLiteral } from "pg";
import type { Sql } from "../backend";

/** Without the marker CRDB-BCRYPT, as it is stored (facts 2.1). */
export async function bcryptHash(sql: Sql, password: string, cost: number): Promise<string> {
  return bcrypt(sql, password, `stand_in.gen_salt('bf', ${cost})`);
}

export async function bcryptMatches(sql: Sql, password: string, stored: string): Promise<boolean> {
  return (await bcrypt(sql, password, escapeLiteral(stored))) === stored;
}

async function bcrypt(sql: Sql, password: string, salt: string): Promise<string> {
  const hex = Buffer.from(password).toString("hex");
  const [row] = await sql(`SELECT stand_in.bcrypt(decode('${hex}', 'hex'), ${salt}) AS hash`);
  return row?.hash ?? "";
}
