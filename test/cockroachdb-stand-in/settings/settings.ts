import { escapeLiteral } from "pg";
import type { Sql } from "../backend";
import type { Profile } from "../profile";
import { type Definition, definitions } from "./definitions";

/** The cluster settings at one moment. */
export class Settings {
  readonly definitions: readonly Definition[];
  /** Only those that are set, be it to the default (facts 5.4). */
  readonly #set: ReadonlyMap<string, string>;

  private constructor(profile: Profile, set: ReadonlyMap<string, string>) {
    this.definitions = definitions(profile);
    this.#set = set;
  }

  static async read(sql: Sql, profile: Profile): Promise<Settings> {
    const rows = await sql("SELECT name, value FROM system.settings");
    return new Settings(profile, new Map(rows.map(({ name, value }) => [name ?? "", value ?? ""])));
  }

  /** Names are case-insensitive (facts 5.2). */
  find(name: string): Definition | undefined {
    return this.definitions.find((definition) => definition.name === name.toLowerCase());
  }

  isSet(name: string): boolean {
    return this.#set.has(name);
  }

  /** As `SHOW CLUSTER SETTING` writes it; a setting that this version lacks is as if off. */
  text(name: string): string {
    return this.#set.get(name) ?? this.find(name)?.default ?? "";
  }

  bool(name: string): boolean {
    return this.text(name) === "true";
  }

  int(name: string): number {
    return Number(this.text(name));
  }
}

/** Facts 1.6: kept byte for byte. `undefined` deletes the row: default again. */
export async function storeSetting(
  sql: Sql,
  { name, type }: Definition,
  value: string | undefined,
): Promise<void> {
  await sql(
    value === undefined
      ? `DELETE FROM system.settings WHERE name = ${escapeLiteral(name)}`
      : `INSERT INTO system.settings (name, value, "valueType")
          VALUES (${escapeLiteral(name)}, ${escapeLiteral(value)}, ${escapeLiteral(type)})
          ON CONFLICT (name) DO UPDATE SET value = excluded.value, "lastUpdated" = now()`,
  );
}
