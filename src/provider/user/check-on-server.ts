import type { Database } from "../../database/database";
import { type CheckFailure, hasUnknown, type Json, type Props } from "../wire";
import { knownOf, tellAdoption, tellNotCompared } from "./adoption";
import { optionOfOne } from "./arguments";
import { foreignOption, withoutOption } from "./difference";
import { fromProps } from "./state";

/**
 * What only the server can tell before anything is applied: whether it has the options that are declared, and what adopting
 * an existing role will change. Asked only where something like that is declared: a preview works without a server else.
 *
 * @param inputs the answer of `checkUser`, unwrapped
 */
export async function checkOnServer(
  inputs: Props,
  isNew: boolean,
  open: (connection: Json | undefined) => Promise<Database>,
): Promise<CheckFailure[]> {
  const special = optionOfOne(inputs, "postgresql") ?? optionOfOne(inputs, "cockroachdb");
  const isAdoption = isNew && inputs.adopt === true;
  if ((special === undefined && !isAdoption) || hasUnknown(inputs.connection)) return [];
  try {
    const database = await open(inputs.connection);
    const foreign = foreignOption(fromProps(inputs).options, database.product);
    if (foreign !== undefined) return [{ property: "", reason: withoutOption(foreign, database.product) }];
    if (isAdoption && !hasUnknown(inputs.username)) {
      const state = fromProps(knownOf(inputs));
      const role = await database.findRole(state.username);
      if (role !== undefined) await tellAdoption(database, role, state);
    }
    return [];
  } catch (error) {
    tellNotCompared(String(inputs.username), error);
    return [];
  }
}
