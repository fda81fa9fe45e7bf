import type { Session } from "../session/session";
import { Cursor } from "../sql/cursor";
import type { Planner } from "../statements/plan";
import { SqlError, UNCATEGORISED } from "../wire/sql-error";
import type { Definition } from "./definitions";
import { requireSettingPrivilege } from "./privileges";
import { Settings, storeSetting } from "./settings";
import { planShowAll, planShowOne } from "./show";
import { parseSettingValue, readGiven } from "./values";

/** SHOW, SET and RESET of cluster settings (facts 5.2, 5.3). */
export const planClusterSetting: Planner = async (session, statement, { oneOfMany }) => {
  const cursor = new Cursor(statement);
  if (cursor.accept("show cluster setting")) {
    const name = settingName(cursor);
    cursor.end();
    return planShowOne(session, name);
  }
  if (cursor.accept("show cluster settings") || cursor.accept("show public cluster settings")) {
    return planShowAll(session, { hidden: false });
  }
  if (cursor.accept("show all cluster settings")) return planShowAll(session, { hidden: true });
  const isSet = cursor.accept("set cluster setting");
  if (!isSet && !cursor.accept("reset cluster setting")) return undefined;

  const name = settingName(cursor);
  if (isSet && !cursor.acceptSymbol("=")) cursor.expect("to");
  const given = isSet && !cursor.accept("default") ? readGiven(cursor) : undefined;
  cursor.end();
  return {
    kind: "command",
    run: async (values) => {
      const definition = await settable(session, name, oneOfMany);
      const { database, profile } = session.standIn;
      const value = given && parseSettingValue(definition, given, values, profile);
      await storeSetting(database.sql, definition, value);
      return "SET CLUSTER SETTING";
    },
  };
};

async function settable(session: Session, name: string, oneOfMany: boolean): Promise<Definition> {
  const { database, profile } = session.standIn;
  const definition = (await Settings.read(database.sql, profile)).find(name);
  if (definition === undefined) throw new SqlError("42P02", `unknown cluster setting '${name}'`);
  await requireSettingPrivilege(session, "modify", name);
  if (oneOfMany || session.backend.status !== "I") {
    const text = "SET CLUSTER SETTING cannot be used inside a multi-statement transaction";
    throw new SqlError(UNCATEGORISED, text);
  }
  return definition;
}

/** Words with dots between, in any case; a quoted one is taken whole. */
function settingName(cursor: Cursor): string {
  let name = cursor.name();
  while (cursor.acceptSymbol(".")) name += `.${cursor.name()}`;
  return name.toLowerCase();
}
