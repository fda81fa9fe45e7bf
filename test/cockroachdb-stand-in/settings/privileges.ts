import { hasPrivilege } from "../roles/privileges";
import type { Session } from "../session/session";
import { SqlError } from "../wire/sql-error";

/** Facts 5.2, 5.3. */
export async function requireSettingPrivilege(
  { user, standIn }: Session,
  action: "read" | "modify",
  name: string,
): Promise<void> {
  const { sql } = standIn.database;
  if (await hasPrivilege(sql, user, "MODIFYCLUSTERSETTING")) return;
  if (action === "read" && (await hasPrivilege(sql, user, "VIEWCLUSTERSETTING"))) return;
  throw new SqlError(
    "42501",
    action === "modify"
      ? `only users with the MODIFYCLUSTERSETTING privilege are allowed to set cluster setting '${name}'`
      : `only users with MODIFYCLUSTERSETTING or VIEWCLUSTERSETTING privileges are allowed to show cluster setting '${name}'`,
  );
}

/** Facts 5.5: sensitive values are hidden from those who may only look. */
export async function seesSensitive({ user, standIn }: Session): Promise<boolean> {
  return hasPrivilege(standIn.database.sql, user, "MODIFYCLUSTERSETTING");
}
