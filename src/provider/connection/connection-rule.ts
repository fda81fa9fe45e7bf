import type { ConnectionSettings } from "../../database/connection/parameters/settings";
import { resolveTarget } from "../../database/connection/parameters/target";
import { tlsAttempts } from "../../database/connection/tls/tls";
import { userErrorIn } from "../../errors";
import { isRecord, type Json } from "../protocol/wire";

/**
 * Judges a connection without a server; its certificate files are read.
 *
 * @throws UserError
 */
export function checkConnection(settings: ConnectionSettings | null, env = process.env): void {
  const { hosts, tls } = resolveTarget(settings, env);
  for (const host of hosts) tlsAttempts(tls, host);
}

/** What is wrong with a resource's own connection: the end of a sentence. */
export function connectionRule(value: Json): string | undefined {
  if (typeof value !== "string" && !isRecord(value))
    return "must be a PostgreSQL URL or an object of its parts";
  const mistake = userErrorIn(() => checkConnection(value as ConnectionSettings));
  return mistake && `is refused: ${mistake}`;
}
