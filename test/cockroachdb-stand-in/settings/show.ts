import { escapeLiteral } from "pg";
import type { Session } from "../session/session";
import type { Plan } from "../statements/plan";
import { SqlError, UNCATEGORISED } from "../wire/sql-error";
import type { Definition, SettingType } from "./definitions";
import { requireSettingPrivilege, seesSensitive } from "./privileges";
import { Settings } from "./settings";

/** Facts 5.3: what SHOW CLUSTER SETTING gives. */
const SQL_TYPES: Readonly<Record<SettingType, string>> = {
  bool: "bool",
  int: "int8",
  duration: "interval",
  string: "text",
  enum: "text",
  version: "text",
};

/** The types in the list. */
export const LETTERS: Readonly<Record<SettingType, string>> = {
  bool: "b",
  int: "i",
  duration: "d",
  string: "s",
  enum: "e",
  version: "m",
};

/** One row, one column named like the setting, typed. */
export async function planShowOne(session: Session, name: string): Promise<Plan> {
  const { database, profile } = session.standIn;
  const settings = await Settings.read(database.sql, profile);
  const definition = settings.find(name);
  if (definition === undefined) throw new SqlError(UNCATEGORISED, `unknown setting: "${name}"`);
  await requireSettingPrivilege(session, "read", name);
  const value = escapeLiteral(await visibleValue(session, settings, definition));
  return {
    kind: "forward",
    text: `SELECT ${value}::${SQL_TYPES[definition.type]} AS setting`,
    column: name,
  };
}

/** Since v23.1.5 with `default_value` and `origin` (facts 5.3, 5.4). */
export async function planShowAll(session: Session, { hidden }: { hidden: boolean }): Promise<Plan> {
  await requireSettingPrivilege(session, "read", "*");
  const { database, profile } = session.standIn;
  const settings = await Settings.read(database.sql, profile);
  const rows: string[] = [];
  for (const definition of settings.definitions) {
    if (definition.hidden && !hidden) continue;
    const { name, type, description } = definition;
    const texts = [name, await visibleValue(session, settings, definition), LETTERS[type]].map(escapeLiteral);
    if (hidden) texts.push(String(!definition.hidden));
    texts.push(escapeLiteral(description));
    const origin = settings.isSet(name) ? "override" : "default";
    if (profile.showsOrigin) texts.push(escapeLiteral(definition.default), escapeLiteral(origin));
    rows.push(`(${texts.join(", ")})`);
  }
  const columns = [
    "variable",
    "value",
    "setting_type",
    ...(hidden ? ["public"] : []),
    "description",
    ...(profile.showsOrigin ? ["default_value", "origin"] : []),
  ];
  return {
    kind: "forward",
    text: `SELECT * FROM (VALUES ${rows.join(", ")}) AS settings (${columns.join(", ")})`,
  };
}

/** Facts 5.5: never an empty value. */
async function visibleValue(
  session: Session,
  settings: Settings,
  { name, sensitive }: Definition,
): Promise<string> {
  const value = settings.text(name);
  const redacts = sensitive && value !== "" && settings.bool("server.redact_sensitive_settings.enabled");
  return redacts && !(await seesSensitive(session)) ? "<redacted>" : value;
}
