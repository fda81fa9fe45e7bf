import { escapeIdentifier, escapeLiteral } from "pg";
import { Backend } from "../backend";
import { sessionVariables } from "../session-variables";
import { Settings } from "../settings/settings";
import type { StandIn } from "../stand-in";
import { authenticationOk, backendKeyData, parameterStatus, readyForQuery } from "../wire/messages";
import type { Session } from "./session";

/** A connection to PostgreSQL that acts as the user. */
export async function openBackend(
  user: string,
  parameters: ReadonlyMap<string, string>,
  { database, profile }: StandIn,
): Promise<Backend> {
  const own = sessionVariables(profile).flatMap(({ name, own }) => (own === undefined ? [] : [[name, own]]));
  const settings = await Settings.read(database.sql, profile);
  const variables = {
    ...Object.fromEntries(own.map(([name, value]) => [`stand_in.${name}`, value])),
    // Facts 2.4: mirrors the cluster setting.
    "stand_in.password_encryption": settings.text("server.user_login.password_encryption"),
    application_name: parameters.get("application_name") ?? "",
    timezone: "UTC",
  };
  const backend = await Backend.open(database.url, variables);
  // ALTER ROLE … SET: PostgreSQL applies it at a login of its own only.
  const ofRole = await backend.sql(`SELECT unnest(setconfig) AS setting FROM pg_db_role_setting
    WHERE setrole = (SELECT oid FROM pg_roles WHERE rolname = ${escapeLiteral(user)})`);
  for (const { setting } of ofRole) {
    const [, name = "", value = ""] = /^([^=]*)=(.*)$/s.exec(setting ?? "") ?? [];
    await backend.sql(`SELECT set_config(${escapeLiteral(name)}, ${escapeLiteral(value)}, false)`);
  }
  await backend.sql(`SET SESSION AUTHORIZATION ${escapeIdentifier(user)}`);
  return backend;
}

/** Facts 5.1: `crdb_version` is told at connect; the rest is what drivers expect. */
export function greet({ client, user, standIn }: Session): void {
  const statuses: Readonly<Record<string, string>> = {
    server_version: "13.0.0",
    server_encoding: "UTF8",
    client_encoding: "UTF8",
    DateStyle: "ISO, MDY",
    IntervalStyle: "postgres",
    TimeZone: "UTC",
    integer_datetimes: "on",
    standard_conforming_strings: "on",
    is_superuser: user === "root" ? "on" : "off",
    session_authorization: user,
    crdb_version: standIn.profile.crdbVersion,
  };
  client.write(authenticationOk);
  for (const [name, value] of Object.entries(statuses)) client.write(parameterStatus(name, value));
  client.write(backendKeyData(process.pid));
  client.write(readyForQuery("I"));
}
