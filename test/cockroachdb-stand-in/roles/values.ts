import { escapeLiteral } from "pg";
import type { Sql } from "../backend";
import { hashPassword } from "../passwords/hash";
import type { Session } from "../session/session";
import { Settings } from "../settings/settings";
import type { Value } from "../sql/cursor";
import { SqlError } from "../wire/sql-error";
import { type RoleOption, STORED_NEGATED } from "./options";

/** What a statement gives for PASSWORD, VALID UNTIL or SUBJECT; `undefined` if it does not name it. */
export function givenValue(
  options: readonly RoleOption[],
  name: RoleOption["name"],
  values: readonly (string | null)[],
): string | null | undefined {
  const option = options.find((given) => given.name === name);
  if (option === undefined || "on" in option) return undefined;
  return resolve(option.value, values);
}

function resolve(value: Value | null, values: readonly (string | null)[]): string | null {
  if (value === null) return null;
  if ("literal" in value) return value.literal;
  const given = values[value.placeholder - 1];
  if (given === undefined)
    throw new SqlError("42P02", `no value provided for placeholder: $${value.placeholder}`);
  return given;
}

/** SQL for the column `hashedPassword`; `undefined` if the statement leaves the password alone. */
export async function passwordColumn(
  { standIn }: Session,
  sql: Sql,
  password: string | null | undefined,
): Promise<string | undefined> {
  if (password === undefined) return undefined;
  if (password === null) return "NULL";
  const { profile, database } = standIn;
  const settings = await Settings.read(database.sql, profile);
  const hash = await hashPassword(password, settings, profile, sql);
  return `convert_to(${escapeLiteral(hash)}, 'UTF8')`;
}

/** Puts the options into `system.role_options`. */
export async function storeOptions(
  sql: Sql,
  role: string,
  options: readonly RoleOption[],
  values: readonly (string | null)[],
): Promise<void> {
  for (const option of options) {
    if ("on" in option) {
      const negated = STORED_NEGATED.includes(option.name);
      await store(sql, role, negated ? `NO${option.name}` : option.name, option.on !== negated, null);
    } else if (option.name !== "PASSWORD") {
      const given = resolve(option.value, values);
      const value = option.name === "VALID UNTIL" && given !== null ? await timestamp(sql, given) : given;
      await store(sql, role, option.name, value !== null, value);
    }
  }
}

/** Facts 3.5: kept as the text of a timestamptz. */
async function timestamp(sql: Sql, text: string): Promise<string> {
  const [row] = await sql(
    `SELECT to_char(${escapeLiteral(text)}::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || '+00:00' AS t`,
  );
  return row?.t ?? "infinity";
}

async function store(
  sql: Sql,
  role: string,
  option: string,
  present: boolean,
  value: string | null,
): Promise<void> {
  const key = `${escapeLiteral(role)}, ${escapeLiteral(option)}`;
  await sql(`DELETE FROM stand_in.role_options WHERE (username, option) = (${key})`);
  if (!present) return;
  await sql(
    `INSERT INTO stand_in.role_options VALUES (${key}, ${value === null ? "NULL" : escapeLiteral(value)})`,
  );
}
