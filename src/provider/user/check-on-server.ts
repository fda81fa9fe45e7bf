import type { Database } from "../../database/database";
import { isMistake } from "../mistake";
import { type CheckFailure, hasUnknown, type Json, type Props, warn, warnOnce } from "../wire";
import { optionOfOne } from "./arguments";
import { difference, foreignOption, withoutOption } from "./difference";
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
    if (isAdoption && !hasUnknown(inputs)) await tellAdoption(database, inputs);
    return [];
  } catch (error) {
    if (!isMistake(error)) throw error;
    warnOnce(
      `user "${inputs.username}", and perhaps others, could not be compared with the server: ${error.message}`,
      `not compared: ${error.message}`,
    );
    return [];
  }
}

async function tellAdoption(database: Database, inputs: Props): Promise<void> {
  const state = fromProps(inputs);
  const role = await database.findRole(state.username);
  if (role === undefined) return;
  const { options = {}, grant = [], revoke = [], set = {} } = difference(role, undefined, state);
  const changes = [
    ...Object.entries(options).map(([name, value]) => `${name} becomes ${value}`),
    ...grant.map((group) => `becomes a member of ${group}`),
    ...revoke.map((group) => `is no longer a member of ${group}`),
    // Without the values: a setting of an application may be a secret.
    ...Object.entries(set).map(([name, value]) => `${name} is ${value === null ? "reset" : "set"}`),
    "gets the declared password",
    ...(role.superuser ? ["stays a superuser, which nothing declared here changes"] : []),
    ...(role.name === database.user
      ? ["is the administrator of this very connection, which needs the new password from then on"]
      : []),
  ];
  warn(`user "${state.username}" is on ${database.server} already and is taken over: ${changes.join(", ")}`);
}
